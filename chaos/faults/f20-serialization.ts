import type { Fault } from '../fault.ts';
import { failInserts, stopFailing } from './database-store.ts';
import { sumsByLabel } from './metrics.ts';

/** A transaction in twenty: of one in ten a thousandth fails three times by chance alone, which is all that is allowed. */
const failingShare = 0.05;
const triesMax = 3;
const transactions = { name: 'messages_transactions_total', label: 'tries' };

export const serializationStorm: Fault = {
  id: 'F20',
  title: 'a twentieth of all batches fails with 40001 or 40P01, in two conversations of fifty senders each',
  differs:
    'the failures are raised by a trigger, without SERIALIZABLE, in two conversations of 50 senders in place of one.',
  // One socket a person: what a message costs is the number of those who see it.
  load: { clients: 100, conversations: 2, members: 50 },
  recoveryMsMax: 2000,
  ackP99MsMax: 1000,
  serverErrorsMax: 0,
  // Who hears of a failure was told so after the tries of the service.
  judge: ({ events }) => {
    const of = (k: string) => events.filter((event) => event.k === k).length;
    // Who was signed out goes on trying, and is to be refused.
    const refused = events.filter((event) => event.k === 'refused' && event.code === 'signed-out').length;
    const sends = of('send') - refused;
    return [
      { invariant: 'I7', what: 'sends acknowledged, share', value: of('ack') / sends, min: 0.999 },
      { invariant: 'I9', what: 'attempts that failed, share', value: of('error') / sends, max: 0.001 },
    ];
  },
  inject: async ({ stack, sql, wait, mark, over, judge, isShort }) => {
    const before = await sumsByLabel(stack, 'messages', transactions);
    await failInserts(sql, ['40001', '40P01'], failingShare);
    mark(`${failingShare * 100} % of the inserts fail`);
    await wait(isShort ? 6000 : 40_000);
    await stopFailing(sql);
    const counts = [...(await sumsByLabel(stack, 'messages', transactions))].map(
      ([tries, count]) => [tries, count - (before.get(tries) ?? 0)] as const,
    );
    over(`inserts succeed again; tries: ${counts.map(([tries, count]) => `${tries} ${count} times`).join(', ')}`);
    const countOf = (isCounted: (tries: string) => boolean) =>
      counts.reduce((sum, [tries, count]) => sum + (isCounted(tries) ? count : 0), 0);
    // `failed` is no number, and no less than another one.
    const share = countOf((tries) => Number(tries) <= triesMax) / countOf(() => true);
    judge({ what: `transactions that took ${triesMax} tries or fewer, share`, value: share, min: 0.999 });
    const repeated = countOf((tries) => tries !== '1');
    judge({ what: 'transactions that took more than one try', value: repeated, min: 1 });
  },
};
