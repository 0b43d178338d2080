import type { Fault } from '../fault.ts';

export const flushRedis: Fault = {
  id: 'F16',
  title: 'FLUSHALL while everything runs',
  recoveryMsMax: 10_000,
  // The sweep finds the sockets of forgotten sessions within 60 s.
  check: { sessionSlackMs: 61_000 },
  inject: async ({ redis, wait, over, isShort }) => {
    await redis.flushall();
    over('FLUSHALL');
    // Long enough for the sweep to close every socket whose session is gone, and for everybody to come back.
    await wait(isShort ? 5000 : 70_000);
  },
};
