import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';
import { waitingCommands } from './redis-store.ts';

export const fullStream: Fault = {
  id: 'F33',
  title: 'the holder of the leases dies with a full stream',
  recoveryMsMax: 10_000,
  inject: async ({ stack, redis, wait, mark, over, violate, isShort }) => {
    const names = stack.namesOf('messages');
    for (const name of names) stack.signal(name, 'SIGSTOP');
    mark('messages is frozen: commands wait');
    await wait(isShort ? 2500 : 5000);
    mark(`${await waitingCommands(redis)} entries wait`);
    const [dead, ...others] = names;
    if (dead) stack.signal(dead, 'SIGKILL');
    for (const name of others) stack.signal(name, 'SIGCONT');
    over(`kill -9 ${dead}, the other goes on`);
    const drained = eventually(async () => (await waitingCommands(redis)) < 5, { timeoutMs: 30_000 });
    await drained.catch(async () => violate('I1', `${await waitingCommands(redis)} commands still wait after 30 s`));
  },
};
