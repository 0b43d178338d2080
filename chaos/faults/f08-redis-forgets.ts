import type { Fault } from '../fault.ts';

/** The sessions are gone with Redis: people sign in again, their sockets end by the sweep of 60 s at the latest. */
const sessionSlackMs = 61_000;

export const redisForgets: Fault = {
  id: 'F8',
  title: 'kill -9 of Redis, which keeps nothing',
  recoveryMsMax: 10_000,
  check: { sessionSlackMs },
  inject: async ({ stack, wait, over, isShort }) => {
    for (let count = 0; count < (isShort ? 1 : 3); count++) {
      if (count > 0) await wait(12_000);
      stack.signal('redis', 'SIGKILL');
      over('kill -9 redis, empty afterwards');
    }
  },
};
