import { closeCodes } from '@chatapp/contract/frames';
import type { Clock } from '@chatapp/resilience/clock';
import type { Connection } from './connection.ts';

export interface DrainOptions {
  readonly connections: Iterable<Connection>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** All sockets are gone after this, well within the time that a service has to end. */
const spreadMs = 1500;
const stepMs = 50;

/** Sends every socket away at a moment of its own, so that other nodes do not get all of them at once; until then it works on. */
export const drain = async ({ connections, clock, random }: DrainOptions): Promise<void> => {
  const leaving = [...connections].map((connection) => ({ connection, afterMs: Math.floor(random() * spreadMs) }));
  for (const { connection, afterMs } of leaving) connection.send(JSON.stringify({ e: 'goaway', afterMs }));
  leaving.sort((left, right) => left.afterMs - right.afterMs);
  for (let passedMs = 0; leaving.length > 0; passedMs += stepMs) {
    while (leaving[0] !== undefined && leaving[0].afterMs <= passedMs) {
      leaving.shift()?.connection.close(closeCodes.goaway, 'goaway');
    }
    if (leaving.length > 0) await clock.sleep(stepMs);
  }
};
