import type { Fault } from '../fault.ts';

export const slowClients: Fault = {
  id: 'F34',
  title: 'a quarter of the clients stop reading',
  edges: ['client>bff'],
  load: { paddingLength: 3000, messagesPerSecond: 40, conversations: 4, members: 20 },
  recoveryMsMax: 3000,
  inject: async ({ stack, wait, mark, over, isShort }) => {
    const [proxy] = stack.proxies('client>bff');
    const links = proxy?.links() ?? [];
    const slow = links.filter((_, at) => at % 4 === 0);
    for (const link of slow) link.set({ stopReading: true }, 'down');
    mark(`${slow.length} of ${links.length} connections are not read`);
    await wait(isShort ? 8000 : 60_000);
    proxy?.heal();
    over('everybody reads');
  },
};
