import type { Fault } from '../fault.ts';

export const slowNetwork: Fault = {
  id: 'F28',
  title: 'clients have 200 ms ± 50 of latency and 64 KB/s, then lose one packet of twenty',
  edges: ['client>bff'],
  recoveryMsMax: 2000,
  check: { requestMsMax: 16_000 },
  inject: async ({ stack, wait, mark, over, isShort }) => {
    const [proxy] = stack.proxies('client>bff');
    proxy?.set({ latencyMs: 150, jitterMs: 100, bytesPerSecond: 64 * 1024 });
    mark('the network is slow');
    await wait(isShort ? 5000 : 40_000);
    proxy?.set({ latencyMs: 20, stallShare: 0.05, stallMs: 250 });
    mark('the network loses packets');
    await wait(isShort ? 4000 : 30_000);
    proxy?.heal();
    over('the network is quick');
  },
};
