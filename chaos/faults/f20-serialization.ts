import type { Fault } from '../fault.ts';
import { failInserts, stopFailing } from './database-store.ts';

export const serializationStorm: Fault = {
  id: 'F20',
  title: 'a tenth of all batches fails with 40001 or 40P01, in hot conversations',
  load: { conversations: 4, members: 20 },
  recoveryMsMax: 2000,
  ackP99MsMax: 1000,
  serverErrorsMax: 0,
  // Who hears of a failure was told so after the tries of the service.
  judge: ({ events }) => {
    const of = (k: string) => events.filter((event) => event.k === k).length;
    return [
      { invariant: 'I7', what: 'sends acknowledged, share', value: of('ack') / of('send'), min: 0.999 },
      { invariant: 'I9', what: 'attempts that failed, share', value: of('error') / of('send'), max: 0.001 },
    ];
  },
  inject: async ({ sql, wait, mark, over, isShort }) => {
    await failInserts(sql, ['40001', '40P01'], 0.1);
    mark('a tenth of the inserts fails');
    await wait(isShort ? 6000 : 40_000);
    await stopFailing(sql);
    over('inserts succeed again');
  },
};
