import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';
import { sentAway } from './sent-away.ts';

const order = ['conversations', 'messages', 'realtime', 'bff'];

export const rollingRestart: Fault = {
  id: 'F36',
  title: 'rolling restart of everything, SIGTERM one by one',
  edges: ['client>bff'],
  recoveryMsMax: 5000,
  resumeP99MsMax: 5000,
  serverErrorsMax: 0,
  inject: async ({ stack, wait, over, isShort }) => {
    for (const name of order.flatMap((kind) => stack.namesOf(kind))) {
      const before = stack.pid(name);
      stack.signal(name, 'SIGTERM');
      over(`SIGTERM ${name}`);
      await eventually(async () => stack.pid(name) !== before && (await stack.isReady(name)), { timeoutMs: 30_000 });
      await wait(isShort ? 300 : 2000);
    }
  },
  judge: ({ events, marks }) =>
    marks.filter(({ what }) => /^SIGTERM (realtime|bff)/.test(what)).flatMap((mark) => sentAway(events, mark)),
};
