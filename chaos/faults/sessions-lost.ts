import type { Chaos } from '../fault.ts';

/** With Redis the sessions are gone: the sweep of 60 s finds their sockets, at the latest. */
export const sessionSlackMs = 61_000;

/** Notes that, and waits until every socket was closed and everybody came back; the short form has no time for it. */
export const peopleSignInAgain = async ({ load, isShort, wait }: Chaos): Promise<void> => {
  if (isShort) return;
  await load.sessionsLost();
  await wait(sessionSlackMs + 10_000);
};
