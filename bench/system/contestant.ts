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
  /** What lets the holder of a place (0, 1, 2 …) in. */
  proof(place: number): Promise<SocketPlan['proof']>;
  stop(): Promise<void>;
}
