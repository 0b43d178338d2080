import type { DialectName, SocketPlan } from '../load/plan.ts';
import type { ProcessGroups } from './process-cpu.ts';

/** A running server under test: all of its processes, the database and Redis included. */
export interface Contestant {
  readonly name: string;
  readonly dialect: DialectName;
  /** Where sockets connect, one address a node. */
  readonly nodes: readonly string[];
  /** Everything whose CPU is its cost. */
  processes(): ProcessGroups;
  /** Ends and begins its nodes: nothing in their memory is from before. */
  restartNodes(): Promise<void>;
  /** What lets the holder of a place (0, 1, 2 …) in. */
  proof(place: number): Promise<SocketPlan['proof']>;
  stop(): Promise<void>;
}

/** The processes that hold the sockets. */
export const nodePids = (contestant: Contestant): number[] =>
  [...contestant.processes()].filter(([name]) => /^(realtime|node)\b/.test(name)).flatMap(([, pids]) => pids);
