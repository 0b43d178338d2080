import type postgres from 'postgres';
import { eventually } from '../../dev/testing/eventually.ts';
import type { Chaos, Fault } from '../fault.ts';
import { logSince } from '../stack/log.ts';
import { transactionsOf } from './database-store.ts';

const backWithinMs = 10_000;
const quietMs = 3000;

/**
 * 200 clients, where the catalogue has 5 000: they are one process, on the machine that the product runs on. A thousand of them, with 300 messages a second, were
 * not back within 30 s on two processors that had other work besides.
 */
export const reconnectStorm: Fault = {
  id: 'F35',
  title: 'every client, 200 of them, is cut at once',
  edges: ['client>bff'],
  differs: '200 sockets in place of 5 000, cut by a proxy.',
  recoveryMsMax: 10_000,
  resumeP99MsMax: 10_000,
  inject: async (chaos) => {
    for (let count = 0; count < (chaos.isShort ? 1 : 4); count++) await cutAll(chaos);
  },
};

const cutAll = async ({ stack, load, sql, wait, over, judge, isShort }: Chaos): Promise<void> => {
  const before = await perSecond(sql, () => wait(quietMs));
  const cutAt = Date.now();
  const clients = stack.proxies('client>bff').reduce((sum, proxy) => sum + proxy.connections, 0);
  for (const proxy of stack.proxies('client>bff')) proxy.resetAll();
  over('every client is cut');
  const during = await perSecond(sql, async () => {
    await wait(500);
    await eventually(async () => (await load.state()).away === 0, { timeoutMs: 30_000, intervalMs: 100 });
    judge({ what: 'everybody is back, ms', value: Date.now() - cutAt, maxMs: backWithinMs });
    await wait(Math.max(0, cutAt + quietMs - Date.now()));
  });
  judge({ invariant: 'I8', what: 'database transactions, times those before', value: during / before, max: 3 });
  const allGrants = (await logSince(stack, ['issuer'], 0)).filter(({ event }) => event === 'grant.success');
  if (allGrants.length === 0) throw new Error('the issuer wrote down none of the sign-ins: nothing can be counted');
  const grants = allGrants.filter(({ at }) => at >= cutAt);
  judge({ invariant: 'I8', what: 'tokens of the issuer, share of clients', value: grants.length / clients, max: 0.01 });
  await wait(isShort ? 500 : 8000);
};

/** Transactions a second while something goes on. */
const perSecond = async (sql: postgres.Sql, goOn: () => Promise<void>): Promise<number> => {
  const [startedAt, before] = [performance.now(), await transactionsOf(sql)];
  await goOn();
  return ((await transactionsOf(sql)) - before) / ((performance.now() - startedAt) / 1000);
};
