import type { Redis } from 'ioredis';
import type { Fault } from '../fault.ts';

export const freezeSubscriber: Fault = {
  id: 'F7',
  title: 'realtime frozen until Redis drops its subscription',
  recoveryMsMax: 5000,
  load: { paddingLength: 1500 },
  check: { requestMsMax: 16_000 },
  inject: async ({ stack, redis, wait, mark, over, isShort }) => {
    // The default of 8 MB in 60 s would need 5 MB/s of messages; the same happens at a lower mark.
    await redis.config('SET', 'client-output-buffer-limit', 'pubsub 256kb 128kb 3');
    const before = await droppedBy(redis);
    stack.signal('realtime', 'SIGSTOP');
    mark('SIGSTOP realtime');
    await wait(isShort ? 15_000 : 30_000);
    const dropped = (await droppedBy(redis)) - before;
    stack.signal('realtime', 'SIGCONT');
    over(`SIGCONT realtime; Redis had cut ${dropped} connections for their full buffers`);
    if (dropped === 0) throw new Error('Redis cut nobody: the load was too small for this fault');
  },
};

const droppedBy = async (redis: Redis): Promise<number> => {
  const stats = await redis.info('stats');
  return Number(/client_output_buffer_limit_disconnections:(\d+)/.exec(stats)?.[1] ?? 0);
};
