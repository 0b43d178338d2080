import type { Fault } from '../fault.ts';
import { subscribers } from './redis-store.ts';

export const freezeSubscriber: Fault = {
  id: 'F7',
  title: 'realtime frozen until Redis drops its subscription',
  differs: 'Redis drops a subscription at 128 KB in 3 s in place of 8 MB in 60 s, so that less than 5 MB/s do.',
  recoveryMsMax: 5000,
  lagAfterP99MsMax: 3000,
  // Connected within a second; but with such long texts whoever was cut missed more than an answer holds, and then these clients read
  // their whole history, for the judge, a hundred of them at once. A web client reads the page that it shows.
  resumeP99MsMax: 10_000,
  load: { paddingLength: 3000 },
  check: { requestMsMax: 16_000 },
  inject: async ({ stack, redis, wait, mark, over, isShort }) => {
    // The default of 8 MB in 60 s would need 5 MB/s of messages; the same happens at a lower mark.
    await redis.config('SET', 'client-output-buffer-limit', 'pubsub 256kb 128kb 3');
    const before = await subscribers(redis);
    stack.signal('realtime', 'SIGSTOP');
    mark('SIGSTOP realtime');
    await wait(isShort ? 15_000 : 30_000);
    const now = await subscribers(redis);
    const dropped = [...before].filter((id) => !now.has(id)).length;
    stack.signal('realtime', 'SIGCONT');
    over(`SIGCONT realtime; Redis had cut ${dropped} connections for their full buffers`);
    if (dropped === 0) throw new Error('Redis cut nobody: the load was too small for this fault');
  },
};
