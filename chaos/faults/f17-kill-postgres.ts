import type { Fault } from '../fault.ts';

export const killPostgres: Fault = {
  id: 'F17',
  title: 'kill -9 of the postmaster, crash recovery',
  recoveryMsMax: 10_000,
  inject: async ({ stack, wait, over, isShort }) => {
    for (let count = 0; count < (isShort ? 1 : 3); count++) {
      if (count > 0) await wait(15_000);
      stack.signal('postgres', 'SIGKILL');
      over('kill -9 postgres');
    }
  },
};
