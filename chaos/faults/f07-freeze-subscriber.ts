import type { Chaos, Fault } from '../fault.ts';
import { sendHeavily } from './heavy-stream.ts';
import { connectToNode, type NodeClients } from './node-clients.ts';
import { subscribers } from './redis-store.ts';
import { endsFoundLate } from './sessions-lost.ts';

/** What is sent. A machine that has other work to do saves less of it; half a minute of a fifth fills Redis's buffer of 32 MB, or the fault fails. */
const mbPerSecond = 5;
const savedMbPerSecondMin = 1;
const resyncMsMax = 3000;
const clients = 10;

export const freezeSubscriber: Fault = {
  id: 'F7',
  title: 'realtime frozen for 30 s under 5 MB/s, until Redis drops its subscription',
  differs: `${mbPerSecond} MB/s are sent; so far 4.1 to 4.4 of them were saved, and ${savedMbPerSecondMin} is enough to pass.`,
  recoveryMsMax: 5000,
  lagAfterP99MsMax: 3000,
  // Of those who came by the BFF, and were closed by it.
  resumeP99MsMax: 5000,
  check: { unansweredMsMax: 16_000, ...endsFoundLate },
  inject: async (chaos) => {
    const { stack, redis, wait, mark, over, judge, isShort } = chaos;
    const stream = await sendHeavily(stack.url, mbPerSecond);
    // Last: their own pings would find out 35 s later.
    const there = await connectToNode(chaos, 'realtime', clients);
    const before = await subscribers(redis);
    stack.signal('realtime', 'SIGSTOP');
    mark('SIGSTOP realtime');
    await wait(isShort ? 15_000 : 30_000);
    const now = await subscribers(redis);
    const dropped = [...before].filter((id) => !now.has(id)).length;
    stack.signal('realtime', 'SIGCONT');
    over(`SIGCONT realtime; Redis had cut ${dropped} connections for their full buffers`);
    await judgeResync(chaos, there);
    judge({ what: 'connections that Redis cut for their full buffers', value: dropped, min: 1 });
    judge({ what: 'long texts, MB/s', value: await stream.stop(), min: savedMbPerSecondMin });
  },
};

/** Those who were connected to the frozen node all the time, and whom nobody took elsewhere. */
const judgeResync = async ({ judge }: Chaos, there: NodeClients): Promise<void> => {
  const startedAt = performance.now();
  const value = await there.caughtUp().then(
    () => performance.now() - startedAt,
    () => null,
  );
  there.stop();
  judge({ invariant: 'I4', what: 'clients of the frozen node have all again, ms', value, maxMs: resyncMsMax });
};
