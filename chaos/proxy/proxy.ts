import type { Socket } from 'bun';
import { type Conditions, Lane } from './lane.ts';

export type Direction = 'up' | 'down';

/** One connection through the proxy; `up` is from client to server. */
export interface Link {
  /** Whether its server's first answer took it over for a WebSocket. */
  readonly isSocket: boolean;
  /** That came from the sender of each direction. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Both sides get a reset. */
  reset(): void;
  /** Writes bytes as if the sender of the direction had. */
  inject(direction: Direction, bytes: Uint8Array): void;
  /** Conditions of this connection alone, in place of the proxy's, until the proxy heals; undefined takes them away. */
  set(conditions: Conditions | undefined, direction: Direction): void;
}

/** Looks at each chunk: passes it, forgets it, or forgets it and resets the connection. */
export type Tap = (direction: Direction, chunk: Uint8Array, link: Link) => 'pass' | 'drop' | 'reset';

export interface ProxyOptions {
  /** Where connections go: the first that takes one, beginning at the next in turn. */
  readonly targets: readonly Target[];
  /** A free one unless said. */
  readonly port?: number;
  readonly random?: () => number;
}

export interface Target {
  readonly hostname: string;
  readonly port: number;
}

/** A TCP proxy that can make a network bad: per direction latency, rate, cut, silence; resets and black holes at once. */
export class ChaosProxy {
  readonly port: number;
  readonly #listener;
  readonly #links = new Set<Connection>();
  readonly #random: () => number;
  #conditions: Record<Direction, Conditions> = { up: {}, down: {} };
  #turn = 0;
  tap: Tap | undefined;
  targets: readonly Target[];
  /** Connections taken since the start. */
  accepted = 0;

  constructor(options: ProxyOptions) {
    this.targets = options.targets;
    this.#random = options.random ?? Math.random;
    this.#listener = Bun.listen<Connection>({
      hostname: '127.0.0.1',
      port: options.port ?? 0,
      socket: {
        open: (socket) => this.#open(socket),
        data: (socket, chunk) => socket.data.take('up', chunk),
        drain: (socket) => socket.data.down.flush(),
        close: (socket) => socket.data.gone('up'),
        error: (socket) => socket.data.reset(),
      },
    });
    this.port = this.#listener.port;
  }

  get connections(): number {
    return this.#links.size;
  }

  /** Replaces the conditions of one direction, or of both, for open connections too. */
  set(conditions: Conditions, direction: Direction | 'both' = 'both'): void {
    if (direction !== 'down') this.#conditions.up = conditions;
    if (direction !== 'up') this.#conditions.down = conditions;
    for (const link of this.#links) link.refresh();
  }

  /** The connections that are open now. */
  links(): readonly Link[] {
    return [...this.#links];
  }

  /** Lets everything pass again. What a black hole swallowed is gone, so its connections are reset, as a path that heals late does. */
  heal(): void {
    const swallowed = this.#conditions.up.blackHole || this.#conditions.down.blackHole;
    this.tap = undefined;
    for (const link of this.#links) link.unset();
    this.set({});
    if (swallowed) this.resetAll();
  }

  resetAll(): void {
    for (const link of [...this.#links]) link.reset();
  }

  /** Resets one open connection; false when there is none. */
  resetOne(): boolean {
    const links = [...this.#links];
    const link = links[Math.floor(this.#random() * links.length)];
    link?.reset();
    return link !== undefined;
  }

  stop(): void {
    this.#listener.stop(true);
    this.resetAll();
  }

  #open(socket: Socket<Connection>): void {
    this.accepted++;
    const own: OwnConditions = {};
    const lane = (direction: Direction) =>
      new Lane(
        () => own[direction] ?? this.#conditions[direction],
        this.#random,
        () => link.reset(),
      );
    const link = new Connection(socket, lane('up'), lane('down'), own, {
      tap: (direction, chunk) => this.tap?.(direction, chunk, link) ?? 'pass',
      onClose: () => this.#links.delete(link),
    });
    socket.data = link;
    this.#links.add(link);
    // A black hole swallows the handshake too: the server never hears of the client.
    if (!this.#conditions.up.blackHole) void link.connectTo(this.#inTurn());
  }

  #inTurn(): readonly Target[] {
    const at = this.#turn++ % this.targets.length;
    return [...this.targets.slice(at), ...this.targets.slice(0, at)];
  }
}

type OwnConditions = Partial<Record<Direction, Conditions>>;

interface ConnectionEvents {
  tap(direction: Direction, chunk: Uint8Array): ReturnType<Tap>;
  onClose(): void;
}

const tookOver = Buffer.from('HTTP/1.1 101 ');

class Connection implements Link {
  isSocket = false;
  readonly bytes = { up: 0, down: 0 };
  #isHeard = false;
  #server: Socket<Connection> | undefined;
  #isClosed = false;
  readonly #gone = new Set<Direction>();

  constructor(
    readonly client: Socket<Connection>,
    readonly up: Lane,
    readonly down: Lane,
    readonly own: OwnConditions,
    readonly events: ConnectionEvents,
  ) {
    up.connect({ from: client });
    down.connect({ to: client });
  }

  async connectTo(targets: readonly Target[]): Promise<void> {
    for (const target of targets) {
      if (this.#isClosed) return;
      try {
        this.#adopt(await this.#dial(target));
        return;
      } catch {
        // The next one in turn, as a load balancer does.
      }
    }
    this.reset();
  }

  take(direction: Direction, chunk: Uint8Array): void {
    if (this.#isClosed) return;
    if (direction === 'down' && !this.#isHeard) {
      this.#isHeard = true;
      this.isSocket = Buffer.from(chunk.subarray(0, tookOver.length)).equals(tookOver);
    }
    this.bytes[direction] += chunk.byteLength;
    const verdict = this.events.tap(direction, chunk);
    if (verdict === 'reset') this.reset();
    else if (verdict === 'pass') this[direction].take(chunk);
  }

  inject(direction: Direction, bytes: Uint8Array): void {
    if (!this.#isClosed) this[direction].take(bytes);
  }

  set(conditions: Conditions | undefined, direction: Direction): void {
    if (conditions) this.own[direction] = conditions;
    else delete this.own[direction];
    this[direction].refresh();
  }

  unset(): void {
    this.set(undefined, 'up');
    this.set(undefined, 'down');
  }

  refresh(): void {
    this.up.refresh();
    this.down.refresh();
  }

  /** The sender of a direction left: the other side gets the rest, then the same goodbye. */
  gone(direction: Direction): void {
    if (this.#isClosed) return;
    this.#gone.add(direction);
    this[direction].end();
    if (this.#gone.size === 2 || !this.#server) this.#forget();
  }

  reset(): void {
    if (this.#isClosed) return;
    this.client.terminate();
    this.#server?.terminate();
    this.#forget();
  }

  #forget(): void {
    this.#isClosed = true;
    this.up.close();
    this.down.close();
    this.events.onClose();
  }

  #adopt(server: Socket<Connection>): void {
    if (this.#isClosed) {
      server.terminate();
      return;
    }
    this.#server = server;
    this.down.connect({ from: server });
    this.up.connect({ to: server });
    this.up.flush();
  }

  #dial(target: Target): Promise<Socket<Connection>> {
    return Bun.connect<Connection>({
      ...target,
      data: this,
      socket: {
        data: (_, chunk) => this.take('down', chunk),
        drain: () => this.up.flush(),
        close: () => this.gone('down'),
        error: () => this.reset(),
      },
    });
  }
}
