import { closeCodes, type Push } from '@chatapp/contract/frames';
import type { Clock } from '@chatapp/resilience/clock';

/** An open socket, as far as it is sent away. */
export interface LeavingSocket {
  send(frame: string): void;
  close(code: number, reason: string): void;
}

export interface SendAwayOptions {
  readonly sockets: Iterable<LeavingSocket>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** All sockets are gone after this, well within the time that a service has to end. */
const spreadMs = 1500;
const stepMs = 50;

/**
 * Sends every socket away at a moment of its own, so that other instances do not get all of them at once; until then it works on. Each is told its
 * moment: a client that goes by itself comes back at once, one that waits for the close after its first pause.
 */
export const sendAway = async ({ sockets, clock, random }: SendAwayOptions): Promise<void> => {
  const leaving = [...sockets].map((socket) => ({ socket, afterMs: Math.floor(random() * spreadMs) }));
  for (const { socket, afterMs } of leaving) socket.send(JSON.stringify({ e: 'goaway', afterMs } satisfies Push));
  leaving.sort((left, right) => left.afterMs - right.afterMs);
  for (let passedMs = 0; leaving.length > 0; passedMs += stepMs) {
    while (leaving[0] !== undefined && leaving[0].afterMs <= passedMs) {
      leaving.shift()?.socket.close(closeCodes.goaway, 'goaway');
    }
    if (leaving.length > 0) await clock.sleep(stepMs);
  }
};
