import type { LoadProcess } from './load/load-process.ts';
import type { Product } from './product/product.ts';
import type { Sizes } from './sizes.ts';
import type { Contestant } from './system/contestant.ts';
import type { Verdict } from './verdict.ts';

/** What a benchmark of a goal gets. */
export interface Bench {
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly load: LoadProcess;
  readonly product: Product;
  /** A peer, started when it is first asked for. */
  peer(name: PeerName): Promise<Contestant>;
  /** Profiles are written there: the product runs alone, peers would only take time. */
  readonly profileDir: string | undefined;
  say(line: string): void;
}

export type PeerName = 'Socket.IO' | 'Socket.IO + INSERT' | 'ws bridge';

/** Measures some goals; the goals that it can answer stand beside it. */
export interface Benchmark {
  readonly goals: readonly string[];
  /** What a profile of it is of; a CPU profiler would keep alive what memory is to be told of. CPU unless said. */
  readonly profiles?: 'memory';
  measure(bench: Bench): Promise<Verdict[]>;
}

/** The product, and the peers that it is measured beside. */
export const contestantsOf = async (bench: Bench, ...peers: readonly PeerName[]): Promise<Contestant[]> => [
  bench.product,
  ...(bench.profileDir !== undefined ? [] : await Promise.all(peers.map((peer) => bench.peer(peer)))),
];
