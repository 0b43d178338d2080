import type { Fault } from '../fault.ts';

export const freezeServices: Fault = {
  id: 'F6',
  title: 'SIGSTOP of each service for 10 s',
  recoveryMsMax: 5000,
  // Requests that a frozen BFF holds end with the client's own patience.
  check: { requestMsMax: 16_000 },
  inject: async ({ stack, wait, mark, over, isShort }) => {
    for (const name of isShort ? ['messages'] : ['messages', 'realtime', 'conversations', 'bff']) {
      stack.signal(name, 'SIGSTOP');
      mark(`SIGSTOP ${name}`);
      await wait(isShort ? 6000 : 10_000);
      stack.signal(name, 'SIGCONT');
      over(`SIGCONT ${name}`);
      await wait(isShort ? 1000 : 8000);
    }
  },
};
