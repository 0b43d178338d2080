import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';

export const reconnectStorm: Fault = {
  id: 'F35',
  title: 'every client is cut at once',
  edges: ['client>bff'],
  recoveryMsMax: 10_000,
  resumeP99MsMax: 10_000,
  inject: async ({ stack, load, wait, over, isShort }) => {
    for (let count = 0; count < (isShort ? 1 : 4); count++) {
      for (const proxy of stack.proxies('client>bff')) proxy.resetAll();
      over('every client is cut');
      await wait(500);
      await eventually(async () => (await load.state()).away === 0, { timeoutMs: 30_000, intervalMs: 200 });
      await wait(isShort ? 500 : 8000);
    }
  },
};
