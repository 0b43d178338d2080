import type { Fault } from '../fault.ts';
import { expectVisible } from './health.ts';
import { peopleSignInAgain, sessionSlackMs } from './sessions-lost.ts';

export const redisForgets: Fault = {
  id: 'F8',
  title: 'kill -9 of Redis, which keeps nothing',
  recoveryMsMax: 10_000,
  check: { sessionSlackMs, sessionsMayEnd: true },
  inject: async (chaos) => {
    for (let count = 0; count < (chaos.isShort ? 1 : 3); count++) {
      if (count > 0) await chaos.wait(7000);
      const visible = expectVisible(chaos, ['realtime', 'messages', 'bff'], 'the end of Redis');
      chaos.stack.signal('redis', 'SIGKILL');
      chaos.over('kill -9 redis, empty afterwards');
      await chaos.wait(5000);
      await visible.stop();
    }
    await peopleSignInAgain(chaos);
  },
};
