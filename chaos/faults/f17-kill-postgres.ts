import type { Fault } from '../fault.ts';
import { expectVisible } from './health.ts';
import { endsFoundLate } from './sessions-lost.ts';

export const killPostgres: Fault = {
  id: 'F17',
  title: 'kill -9 of the postmaster, crash recovery',
  recoveryMsMax: 10_000,
  // Who left is told from there.
  check: { leavingSlackMs: endsFoundLate.leavingSlackMs },
  inject: async (chaos) => {
    for (let count = 0; count < (chaos.isShort ? 1 : 3); count++) {
      if (count > 0) await chaos.wait(10_000);
      const visible = expectVisible(chaos, ['messages', 'conversations'], 'the end of PostgreSQL');
      chaos.stack.signal('postgres', 'SIGKILL');
      chaos.over('kill -9 postgres');
      await chaos.wait(5000);
      await visible.stop();
    }
  },
};
