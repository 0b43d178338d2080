import type { Fault } from '../fault.ts';
import { endsFoundLate } from './sessions-lost.ts';

export const redisWithAof: Fault = {
  id: 'F9',
  title: 'kill -9 of Redis with an append-only file, synced every second',
  redisArguments: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  recoveryMsMax: 10_000,
  // A session of the last second may be lost with the file's tail.
  check: endsFoundLate,
  inject: async ({ stack, wait, over, isShort }) => {
    for (let count = 0; count < (isShort ? 1 : 3); count++) {
      if (count > 0) await wait(12_000);
      stack.signal('redis', 'SIGKILL');
      over('kill -9 redis, back with what its file holds');
    }
  },
};
