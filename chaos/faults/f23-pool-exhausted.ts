import type { Fault } from '../fault.ts';
import { limitConnections, lockMessages } from './database-store.ts';

export const poolExhausted: Fault = {
  id: 'F23',
  title: 'the table of messages is locked, then messages gets one connection (53300)',
  recoveryMsMax: 10_000,
  check: { requestMsMax: 16_000 },
  inject: async ({ sql, wait, mark, over, isShort }) => {
    const ms = isShort ? 4000 : 10_000;
    mark('the table is locked');
    await lockMessages(sql, () => wait(ms));
    over('the table is free');
    await wait(isShort ? 2000 : 8000);
    await limitConnections(sql, 1);
    mark('one connection');
    await wait(ms);
    await limitConnections(sql, -1);
    over('as many connections as before');
  },
};
