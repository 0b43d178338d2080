import type { Bench, Benchmark, PeerName } from './bench.ts';
import { connecting } from './goals/connect.ts';
import { bigRoom, mixedRooms, smallRooms } from './goals/fan-out.ts';
import { growth } from './goals/growth.ts';
import { history } from './goals/history.ts';
import { idleSockets } from './goals/idle.ts';
import { returning } from './goals/return.ts';
import { saving } from './goals/saving.ts';
import { LoadProcess } from './load/load-process.ts';
import { type PeerOptions, startPeer } from './peers/peer.ts';
import { Product } from './product/product.ts';
import type { Sizes } from './sizes.ts';
import type { Contestant } from './system/contestant.ts';
import { brokenVerdict, type Verdict } from './verdict.ts';

/** The goals of how messages travel and are kept, in the order in which they are measured. */
export const benchmarks: readonly Benchmark[] = [
  smallRooms,
  bigRoom,
  mixedRooms,
  idleSockets,
  connecting,
  saving,
  history,
  returning,
  growth,
];

/** Nodes of realtime, and of each peer. */
const nodes = 2;

const peers: Record<PeerName, Omit<PeerOptions, 'name' | 'nodes'>> = {
  'Socket.IO': { dialect: 'socket.io', script: 'socket-io.mjs' },
  'Socket.IO + INSERT': { dialect: 'socket.io', script: 'socket-io.mjs', saves: true },
  'ws bridge': { dialect: 'bare', script: 'ws-bridge.mjs' },
};

export interface MessagesOptions {
  readonly chosen: readonly Benchmark[];
  readonly sizes: Sizes;
  readonly rounds: number;
  /** Run the product alone, each service with a profiler that writes there. */
  readonly profileDir?: string;
  readonly say: (line: string) => void;
}

/** Runs the benchmarks against one product and its peers, which all live as long as the run does. Gives the verdicts of one after the other. */
export const benchMessages = async function* (options: MessagesOptions): AsyncGenerator<Verdict[]> {
  const { chosen, sizes, rounds, profileDir, say } = options;
  const kind = chosen.some(({ profiles }) => profiles === 'memory') ? 'memory' : 'cpu';
  const product = new Product(profileDir === undefined ? {} : { profiles: { kind, folder: profileDir } });
  const load = new LoadProcess();
  const started = new Map<PeerName, Promise<Contestant>>();
  const peer = (name: PeerName): Promise<Contestant> => {
    const known = started.get(name) ?? startPeer({ name, nodes, ...peers[name] });
    started.set(name, known);
    return known;
  };
  try {
    await product.start(nodes);
    const bench: Bench = { sizes, rounds, load, product, peer, profileDir, say };
    for (const benchmark of chosen) yield await measureOr(benchmark, bench);
  } finally {
    await load.stop();
    const contestants = await Promise.allSettled([product, ...started.values()]);
    await Promise.all(contestants.map(async (one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  }
};

/** A benchmark that breaks costs its own goals, not those of the others. */
const measureOr = async (benchmark: Benchmark, bench: Bench): Promise<Verdict[]> => {
  try {
    return await benchmark.measure(bench);
  } catch (error) {
    bench.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    await bench.load.ask('disconnect', {});
    return benchmark.goals.map((goal) => brokenVerdict(goal, error));
  }
};
