import type { Fault } from '../fault.ts';
import { endsFoundLate, noteSessionsLost, peopleSignInAgain } from './sessions-lost.ts';

export const flushRedis: Fault = {
  id: 'F16',
  title: 'FLUSHALL while everything runs',
  recoveryMsMax: 10_000,
  check: { ...endsFoundLate, sessionsMayEnd: true },
  inject: async (chaos) => {
    await chaos.redis.flushall();
    await noteSessionsLost(chaos);
    chaos.over('FLUSHALL');
    await peopleSignInAgain(chaos);
  },
};
