import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';
import { lastCommands, waitingCommands, waitingUpTo } from './redis-store.ts';

const emptyWithinMs = 30_000;

export const fullStream: Fault = {
  id: 'F33',
  title: 'the holder of the leases dies with a full stream',
  recoveryMsMax: 10_000,
  inject: async ({ stack, redis, wait, mark, over, judge, isShort }) => {
    const names = stack.namesOf('messages');
    for (const name of names) stack.signal(name, 'SIGSTOP');
    mark('messages is frozen: commands wait');
    await wait(isShort ? 2500 : 5000);
    const waiting = await waitingCommands(redis);
    mark(`${waiting} entries wait`);
    judge({ what: 'entries that wait', value: waiting, min: isShort ? 20 : 100 });
    const [dead, ...others] = names;
    if (dead) stack.signal(dead, 'SIGKILL');
    const last = await lastCommands(redis);
    for (const name of others) stack.signal(name, 'SIGCONT');
    over(`kill -9 ${dead}, the other goes on`);
    const diedAt = Date.now();
    // Of what waited then, to the last entry: under load others come all the time, and each stays 50 ms after it was saved. That nothing at all is left is judged once the load has ended.
    const isEmpty = async () => (await waitingUpTo(redis, last)) === 0;
    const value = await eventually(isEmpty, { timeoutMs: 2 * emptyWithinMs, intervalMs: 50 }).then(
      () => Date.now() - diedAt,
      () => null,
    );
    judge({ invariant: 'I1', what: 'the stream is empty of what waited, ms', value, maxMs: emptyWithinMs });
  },
};
