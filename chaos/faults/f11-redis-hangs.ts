import { Redis } from 'ioredis';
import type { Chaos, Fault } from '../fault.ts';
import { duringHangs } from './during-hang.ts';
import { expectVisible } from './health.ts';
import { endsFoundLate } from './sessions-lost.ts';

export const redisHangs: Fault = {
  id: 'F11',
  title: 'Redis hangs: SIGSTOP, DEBUG SLEEP, CLIENT PAUSE',
  redisArguments: ['--enable-debug-command', 'local'],
  recoveryMsMax: 5000,
  lagAfterP99MsMax: 3000,
  check: { ...endsFoundLate, unansweredMsMax: 16_000 },
  judge: duringHangs,
  inject: async (chaos) => {
    await freeze(chaos, chaos.isShort ? 6000 : 15_000);
    if (chaos.isShort) return;
    await chaos.wait(8000);
    const aside = new Redis(chaos.stack.redisUrl);
    try {
      chaos.mark('DEBUG SLEEP 10');
      await aside.call('DEBUG', 'SLEEP', '10');
      chaos.over('DEBUG SLEEP ended');
      await chaos.wait(8000);
      chaos.mark('CLIENT PAUSE 10 s');
      await aside.call('CLIENT', 'PAUSE', '10000', 'ALL');
      await chaos.wait(10_000);
      chaos.over('CLIENT PAUSE ended');
    } finally {
      aside.disconnect();
    }
  },
};

const freeze = async (chaos: Chaos, ms: number): Promise<void> => {
  const { stack, mark, over, wait } = chaos;
  stack.signal('redis', 'SIGSTOP');
  mark('SIGSTOP redis');
  const visible = ['realtime', 'messages', 'bff'].map((name) =>
    expectVisible(chaos, [name], `the silence of Redis at ${name}`),
  );
  await wait(ms);
  for (const each of visible) await each.stop();
  stack.signal('redis', 'SIGCONT');
  over('SIGCONT redis');
};
