import type { Fault } from '../fault.ts';
import { peopleSignInAgain, sessionSlackMs } from './sessions-lost.ts';

export const redisForgets: Fault = {
  id: 'F8',
  title: 'kill -9 of Redis, which keeps nothing',
  recoveryMsMax: 10_000,
  check: { sessionSlackMs, sessionsMayEnd: true },
  inject: async (chaos) => {
    for (let count = 0; count < (chaos.isShort ? 1 : 3); count++) {
      if (count > 0) await chaos.wait(12_000);
      chaos.stack.signal('redis', 'SIGKILL');
      chaos.over('kill -9 redis, empty afterwards');
    }
    await peopleSignInAgain(chaos);
  },
};
