import { percentile } from '../system/numbers.ts';
import { LoadSocket } from './load-socket.ts';
import { fetchPages } from './pages.ts';
import { inParallel } from './parallel.ts';
import type { LoadAnswers, LoadCounts, LoadRequest, SocketPlan } from './plan.ts';
import { noteRevs } from './revs.ts';
import { Traffic } from './traffic.ts';

const attemptsMax = 20;

/** All sockets of one server under test, and what is sent over them. */
export class Generator {
  #sockets: LoadSocket[] = [];
  #traffic = new Traffic();
  #isTracking = false;

  async act(request: LoadRequest): Promise<LoadAnswers[LoadRequest['ask']]> {
    switch (request.ask) {
      case 'connect':
        return this.#connect(request);
      case 'saturate':
        this.#traffic.saturate(this.#sockets, request.rooms, request.order, request.inFlight);
        return null;
      case 'steady':
        this.#traffic.steady(this.#sockets, request.rooms, request.perSecond);
        return null;
      case 'mark':
        this.#traffic.mark();
        return null;
      case 'counts':
        return this.#counts();
      case 'rest':
        return this.#rest();
      case 'track':
        this.#isTracking = true;
        return null;
      case 'drop':
        for (const socket of this.#sockets) socket.drop();
        return null;
      case 'return':
        return this.#return(request.heads);
      case 'disconnect':
        for (const socket of this.#sockets) socket.drop();
        this.#sockets = [];
        return null;
      case 'pages':
        return fetchPages(request);
      default:
        return request satisfies never;
    }
  }

  async #connect({ dialect, sockets, width }: Extract<LoadRequest, { ask: 'connect' }>) {
    this.#traffic = new Traffic();
    this.#isTracking = false;
    const startedAt = performance.now();
    const added = sockets.map((plan) => this.#socketOf(plan, dialect));
    const retries = await inParallel(added, width, (socket) => connectAtLast(socket));
    this.#sockets.push(...added);
    return { ms: performance.now() - startedAt, retries: retries.reduce((sum, one) => sum + one, 0) };
  }

  #socketOf(plan: SocketPlan, dialect: LoadSocket['options']['dialect']): LoadSocket {
    return new LoadSocket({
      ...{ plan, dialect },
      onFrame: (socket, payload) => {
        if (this.#isTracking) noteRevs(payload, socket.have);
        this.#traffic.onFrame(socket, payload);
      },
      onRefused: (payload) => this.#traffic.onRefused(payload),
    });
  }

  #counts(): LoadCounts {
    const { user, system } = process.cpuUsage();
    const closed = this.#sockets.filter(({ isReady }) => !isReady).length;
    return { ...this.#traffic.counts(), generatorCpu: (user + system) / 1e6, closed };
  }

  async #rest(): Promise<LoadCounts> {
    await this.#traffic.rest();
    const counts = this.#counts();
    this.#traffic.forget();
    if (this.#traffic.refused > 0) console.error(`refused, the first one: ${this.#traffic.firstRefusal}`);
    return counts;
  }

  /** Every socket comes back by itself, as protocol.md has it: full jitter, half a second, doubled after a failure. */
  async #return(heads: Readonly<Record<string, number>>) {
    const startedAt = performance.now();
    let attempts = 0;
    // Of a server that died not every one knows yet.
    for (const socket of this.#sockets) socket.drop();
    const times = await Promise.all(
      this.#sockets.map(async (socket) => {
        for (let failures = 0; !socket.isReady; failures++) {
          await Bun.sleep(Math.random() * Math.min(30_000, 500 * 2 ** failures));
          attempts++;
          await socket.connect().catch(() => undefined);
        }
        const missing = () => socket.plan.rooms.some((room) => (socket.have.get(room) ?? 0) < (heads[room] ?? 0));
        while (missing()) await Bun.sleep(20);
        return performance.now() - startedAt;
      }),
    );
    const sorted = Float64Array.from(times).sort();
    const retries = this.#sockets.reduce((sum, socket) => sum + socket.retries, 0);
    return {
      ...{ ms: sorted.at(-1) ?? 0, attempts, retries },
      ...{ p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) },
    };
  }
}

/** Connects, again where the server asks for it; answers how often it did. */
const connectAtLast = async (socket: LoadSocket): Promise<number> => {
  for (let attempt = 1; ; attempt++) {
    try {
      await socket.connect();
      return attempt - 1 + socket.retries;
    } catch (error) {
      if (attempt === attemptsMax) throw new Error(`A socket was not let in: ${socket.lastAnswer}`, { cause: error });
      await Bun.sleep(100 * attempt * Math.random());
    }
  }
};
