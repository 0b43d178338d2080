import type { Fault } from '../fault.ts';
import { terminateOne } from './database-store.ts';

export const backendsKilled: Fault = {
  id: 'F19',
  title: 'two database backends a second are terminated',
  recoveryMsMax: 2000,
  serverErrorsMax: 0,
  inject: async ({ sql, wait, mark, over, isShort }) => {
    const times = isShort ? 12 : 120;
    mark(`pg_terminate_backend, ${times} times`);
    for (let count = 0; count < times; count++) {
      await terminateOne(sql);
      await wait(500);
    }
    over('the last backend was terminated');
  },
};
