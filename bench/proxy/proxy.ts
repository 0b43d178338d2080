import { limits } from '@chatapp/contract/limits';
import { LoadProcess } from '../load/load-process.ts';
import type { Sizes } from '../sizes.ts';
import { socketsOf } from '../system/shapes.ts';
import { brokenVerdict, type Verdict } from '../verdict.ts';
import type { ProxyContestant } from './contestant.ts';
import { startEdge } from './edge.ts';
import { connections, measureRelays, measureRequests, type ProxyBench } from './goals.ts';
import { type PeerName, startPeer } from './peers/peers.ts';

const measures: Readonly<Record<string, (bench: ProxyBench) => Promise<Verdict[]>>> = {
  G7: measureRequests,
  G8: measureRelays,
};
const peerNames: readonly PeerName[] = ['nginx', 'HAProxy', 'Node http-proxy'];

/** The goals of how the BFF passes requests and sockets on. */
export const proxyGoals: readonly string[] = Object.keys(measures);

export interface ProxyOptions {
  readonly goals: readonly string[];
  readonly sizes: Sizes;
  readonly rounds: number;
  /** Run the product alone, with a profiler that writes there. */
  readonly profileDir?: string | undefined;
  readonly say: (line: string) => void;
}

/** Measures the BFF beside three proxies that look at nothing, all in front of one server. */
export const benchProxy = async ({ goals, sizes, rounds, profileDir, say }: ProxyOptions): Promise<Verdict[]> => {
  const load = new LoadProcess();
  const people = Math.max(connections, Math.ceil(socketsOf(sizes.small) / limits.socketsPerPersonMax));
  const edge = await startEdge({ people, profileDir });
  const peers: ProxyContestant[] = [];
  const verdicts: Verdict[] = [];
  try {
    if (profileDir === undefined) for (const name of peerNames) peers.push(await startPeer(name, edge));
    const bench = { sizes, rounds, load, contestants: [edge.contestant, ...peers], browsers: edge.browsers, say };
    for (const goal of goals) {
      const measured = measures[goal]?.(bench) ?? Promise.reject(new Error('there is no such goal'));
      verdicts.push(...(await measured.catch((error) => [brokenVerdict(goal, error)])));
    }
  } finally {
    await load.stop();
    await Promise.all(peers.map((peer) => peer.stop()));
    await edge.stop();
  }
  return verdicts;
};
