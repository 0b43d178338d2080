import type { Chaos } from '../fault.ts';

/** With Redis the sessions are gone: the sweep of 60 s finds their sockets, at the latest. */
const sessionSlackMs = 61_000;

/** Where a fault takes away who tells of an end, it is found within the same time: of a session, and of a membership. */
export const endsFoundLate = { sessionSlackMs, leavingSlackMs: sessionSlackMs };

/** Notes that every session is gone, at the moment it is: who signs in later has another one, which lives. The short form has no time for people to come back. */
export const noteSessionsLost = async ({ load, isShort }: Chaos): Promise<void> => {
  if (!isShort) await load.sessionsLost();
};

/** Waits until every socket of a lost session was closed and everybody came back. */
export const peopleSignInAgain = async ({ isShort, wait }: Chaos): Promise<void> => {
  if (!isShort) await wait(sessionSlackMs + 10_000);
};
