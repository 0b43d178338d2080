import type { Fault } from '../fault.ts';
import { expectVisible } from './health.ts';
import { endsFoundLate, noteSessionsLost, peopleSignInAgain } from './sessions-lost.ts';

export const redisForgets: Fault = {
  id: 'F8',
  title: 'kill -9 of Redis, which keeps nothing',
  recoveryMsMax: 10_000,
  check: { ...endsFoundLate, sessionsMayEnd: true },
  inject: async (chaos) => {
    const kills = chaos.isShort ? 1 : 3;
    for (let count = 1; count <= kills; count++) {
      if (count > 1) await chaos.wait(7000);
      const visible = expectVisible(chaos, ['realtime', 'messages', 'bff'], 'the end of Redis');
      chaos.stack.signal('redis', 'SIGKILL');
      // Of the earlier ones a sweep may hear nothing: Redis is dead again.
      if (count === kills) await noteSessionsLost(chaos);
      chaos.over('kill -9 redis, empty afterwards');
      await chaos.wait(5000);
      await visible.stop();
    }
    await peopleSignInAgain(chaos);
  },
};
