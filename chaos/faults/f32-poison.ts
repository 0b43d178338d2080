import { shardOf } from '@chatapp/contract/shard';
import { eventually } from '../../dev/testing/eventually.ts';
import { firstShown, lagP99Between } from '../checker/lag.ts';
import type { Fault } from '../fault.ts';
import { logSince } from '../stack/log.ts';
import { refuseTexts, stopFailing, triesOfTexts } from './database-store.ts';
import { sumOfMetric } from './metrics.ts';
import { addEntry, deadCommands } from './redis-store.ts';

const poison = 'poison';
const deadLetters = 'messages_dead_letters_total';
const othersLagMsMax = 1000;
/** Five alone, and as often as the batch in which it came was halved: one has a thousand commands at most. */
const triesMax = 5 + Math.ceil(Math.log2(1000));
/** pino's, of what somebody must look at. */
const errorLevel = 50;

export const poisonMessages: Fault = {
  id: 'F32',
  title: 'poison in the command stream: malformed, oversized, of an unknown version, refused by the database',
  differs: `up to ${triesMax} tries in place of 5: five alone, and one each time that the batch in which it came was halved.`,
  recoveryMsMax: 3000,
  ackP99MsMax: 1000,
  judge: ({ events, marks, leniency }) => {
    const [begin, end] = [marks[0]?.at ?? 0, marks.findLast(({ isOver }) => isOver)?.at ?? 0];
    const value = lagP99Between(firstShown(events), begin, end);
    return [{ invariant: 'I7', what: 'shown to others p99, ms', value, max: othersLagMsMax * leniency }];
  },
  inject: async ({ stack, sql, redis, conversations, wait, mark, over, judge, violate, isShort }) => {
    const rounds = isShort ? 2 : 10;
    const expected = rounds * poisons('', 0).length;
    await refuseTexts(sql, poison, rounds);
    const before = await sumOfMetric(stack, 'messages', deadLetters);
    const startedAt = Date.now();
    mark(`${expected} poisonous entries`);
    for (let round = 0; round < rounds; round++) {
      const c = conversations[round % conversations.length] ?? '';
      for (const fields of poisons(c, round)) await addEntry(redis, shardOf(c, 16), fields);
      await wait(1000);
    }
    over('the last of them');
    const buried = eventually(async () => (await deadCommands(redis)) >= expected, { timeoutMs: 20_000 });
    await buried.catch(async () =>
      violate('I7', `${await deadCommands(redis)} of ${expected} dead letters after 20 s`),
    );
    await stopFailing(sql);
    const exactly = { min: expected, max: expected };
    const counted = (await sumOfMetric(stack, 'messages', deadLetters)) - before;
    judge({ invariant: 'I10', what: `${deadLetters} grew by`, value: counted, ...exactly });
    const lines = await logSince(stack, stack.namesOf('messages'), startedAt);
    const alerts = lines.filter(({ level = 0, stream }) => level >= errorLevel && stream === 'commands');
    judge({ invariant: 'I10', what: 'errors that were logged', value: alerts.length, ...exactly });
    const tries = await triesOfTexts(sql);
    judge({ what: 'texts that the database refused', value: tries.length, min: rounds });
    judge({ what: 'tries of one of them', value: Math.max(...tries), min: 5, max: triesMax });
  },
};

const poisons = (c: string, round: number): Record<string, string>[] => [
  { v: '1', commands: '{"not": "a list"' },
  { v: '1', commands: '[{"op":"unheard of"}]' },
  { v: '1', commands: JSON.stringify([command(c, 'x'.repeat(2_000_000))]) },
  { v: '99', commands: '[]' },
  { strange: 'fields' },
  { v: '1', commands: JSON.stringify([command(c, `${poison} ${round} ${crypto.randomUUID()}`)]) },
];

const command = (conversationId: string, body: string) => ({
  ...{ op: 'send', conversationId, actorId: crypto.randomUUID(), clientId: crypto.randomUUID(), at: Date.now() },
  ...{ role: 'member', version: 1_000_000, origin: null, body, replyTo: null },
});
