import { percentile } from '../system/numbers.ts';
import type { LoadSocket } from './load-socket.ts';
import type { LoadCounts, RoomPlan } from './plan.ts';

/** Stands before the id of each message, in every server's frames, and in nothing else that they send. */
const marker = Buffer.from('"clientId":"');
/** The last twelve hexadecimal digits of a clientId are the message's number. */
const numberAt = marker.length + 24;
const idEnd = marker.length + 36;

const tickMs = 2;
const quietMs = 750;
const latenciesMax = 4_000_000;

/** What flows: sends messages by a plan, and counts what the sockets see. */
export class Traffic {
  deliveries = 0;
  sent = 0;
  /** How many deliveries what was sent and not refused must come to. */
  expected = 0;
  refused = 0;
  firstRefusal = '';
  /** Sockets whose messages are looked at one by one: the others only count. */
  #watchers: ReadonlySet<LoadSocket> = new Set();
  #watchesAll = false;
  /** What is on its way, by its number. */
  readonly #open = new Map<number, { readonly at: number; readonly size: number }>();
  #latencies: number[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #sendNext: (() => void) | undefined;
  #turn = 0;

  /** Keeps so many messages on their way, into the rooms in order: a new one for each that its room's first member has seen. */
  saturate(
    sockets: readonly LoadSocket[],
    rooms: readonly RoomPlan[],
    order: readonly number[],
    inFlight: number,
  ): void {
    this.#watchers = new Set(rooms.flatMap(({ members: [first] }) => sockets[first ?? -1] ?? []));
    this.#sendNext = () => this.#sendInto(sockets, rooms[order[this.#turn % order.length] ?? 0]);
    for (let count = 0; count < inFlight; count++) this.#sendNext();
  }

  /** Sends at a fixed rate, whatever comes back, and measures each delivery's way. */
  steady(sockets: readonly LoadSocket[], rooms: readonly RoomPlan[], perSecond: number): void {
    this.#watchesAll = true;
    const startedAt = performance.now();
    let count = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1000) * perSecond;
      for (; count < due; count++) this.#sendInto(sockets, rooms[this.#turn % rooms.length]);
    }, tickMs);
  }

  /** Latencies are of what is seen from now on. */
  mark(): void {
    this.#latencies = [];
  }

  /** Sends nothing more; resolves when all is seen, or after a while. */
  async rest(waitMs = 60_000): Promise<void> {
    this.#sendNext = undefined;
    clearInterval(this.#timer);
    const deadline = performance.now() + waitMs;
    // Every one of a room counts, not only the one that watches: it is quiet when nothing came for a while.
    for (let seen = -1; seen !== this.deliveries && performance.now() < deadline; ) {
      seen = this.deliveries;
      await Bun.sleep(quietMs);
    }
    this.#watchesAll = false;
    this.#watchers = new Set();
  }

  /** Forgets what was sent: what is seen of it from now on starts nothing. */
  forget(): void {
    this.#open.clear();
  }

  onFrame(socket: LoadSocket, payload: Buffer): void {
    const isWatched = this.#watchesAll || this.#watchers.has(socket);
    for (let at = payload.indexOf(marker); at >= 0; at = payload.indexOf(marker, at + idEnd)) {
      this.deliveries++;
      if (isWatched) this.#onSeen(Number.parseInt(payload.toString('latin1', at + numberAt, at + idEnd), 16));
    }
  }

  onRefused(payload: Buffer): void {
    this.refused++;
    if (this.refused === 1) this.firstRefusal = payload.toString();
    const number = Number(/^\{"re":(\d+),/.exec(payload.toString('latin1', 0, 30))?.[1]);
    const message = this.#open.get(number);
    if (message === undefined) return;
    this.expected -= message.size;
    this.#open.delete(number);
    this.#sendNext?.();
  }

  counts(): Omit<LoadCounts, 'generatorCpu' | 'closed'> {
    const sorted = Float64Array.from(this.#latencies).sort();
    return {
      deliveries: this.deliveries,
      sent: this.sent,
      expected: this.expected,
      refused: this.refused,
      open: this.#open.size,
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
    };
  }

  #onSeen(number: number): void {
    if (this.#watchesAll) {
      const message = this.#open.get(number);
      if (message && this.#latencies.length < latenciesMax) this.#latencies.push(performance.now() - message.at);
      return;
    }
    if (this.#open.delete(number)) this.#sendNext?.();
  }

  #sendInto(sockets: readonly LoadSocket[], room: RoomPlan | undefined): void {
    this.#turn++;
    const { length = 0 } = room?.members ?? [];
    const socket = sockets[room?.members[Math.floor(Math.random() * length)] ?? -1];
    if (room === undefined || socket === undefined) return;
    // A number says more than an order: it starts with 1, for 0 is the resume's.
    const number = ++this.sent;
    this.#open.set(number, { at: performance.now(), size: length });
    this.expected += length;
    const clientId = crypto.randomUUID().slice(0, 24) + number.toString(16).padStart(12, '0');
    socket.say(room.id, clientId, number);
  }
}
