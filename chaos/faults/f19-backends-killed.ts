import type { Fault } from '../fault.ts';
import { terminateOne } from './database-store.ts';
import { expectVisible } from './health.ts';
import { endsFoundLate } from './sessions-lost.ts';

export const backendsKilled: Fault = {
  id: 'F19',
  title: 'two database backends a second are terminated',
  recoveryMsMax: 2000,
  // Who left is told from there.
  check: { leavingSlackMs: endsFoundLate.leavingSlackMs },
  serverErrorsMax: 0,
  // Over sockets too, and what got no answer at all.
  judge: ({ events }) => [
    { invariant: 'I9', what: 'attempts that failed', value: events.filter(({ k }) => k === 'error').length, max: 0 },
  ],
  inject: async (chaos) => {
    const { stack, sql, wait, mark, over, isShort } = chaos;
    const times = isShort ? 12 : 120;
    mark(`pg_terminate_backend, ${times} times`);
    const names = ['messages', 'conversations'].flatMap((kind) => stack.namesOf(kind));
    const visible = expectVisible(chaos, names, 'the end of backends');
    for (let count = 0; count < times; count++) {
      await terminateOne(sql);
      await wait(500);
    }
    await visible.stop();
    over('the last backend was terminated');
  },
};
