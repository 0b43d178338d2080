import { shardOf } from '@chatapp/contract/shard';
import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';
import { refuseTexts, stopFailing } from './database-store.ts';
import { addEntry, deadCommands } from './redis-store.ts';

const poison = 'poison';

export const poisonMessages: Fault = {
  id: 'F32',
  title: 'poison in the command stream: malformed, oversized, of an unknown version, refused by the database',
  recoveryMsMax: 3000,
  ackP99MsMax: 1000,
  inject: async ({ sql, redis, conversations, wait, over, violate, isShort }) => {
    await refuseTexts(sql, poison);
    const rounds = isShort ? 2 : 10;
    for (let round = 0; round < rounds; round++) {
      const c = conversations[round % conversations.length] ?? '';
      for (const fields of poisons(c)) await addEntry(redis, shardOf(c, 16), fields);
      await wait(1000);
    }
    over(`${rounds * poisons('').length} poisonous entries`);
    const expected = rounds * poisons('').length;
    const buried = eventually(async () => (await deadCommands(redis)) >= expected, { timeoutMs: 20_000 });
    await buried.catch(async () =>
      violate('I7', `${await deadCommands(redis)} of ${expected} dead letters after 20 s`),
    );
    await stopFailing(sql);
  },
};

const poisons = (c: string): Record<string, string>[] => [
  { v: '1', commands: '{"not": "a list"' },
  { v: '1', commands: '[{"op":"unheard of"}]' },
  { v: '1', commands: JSON.stringify([command(c, 'x'.repeat(2_000_000))]) },
  { v: '99', commands: '[]' },
  { strange: 'fields' },
  { v: '1', commands: JSON.stringify([command(c, `${poison} ${crypto.randomUUID()}`)]) },
];

const command = (conversationId: string, body: string) => ({
  ...{ op: 'send', conversationId, actorId: crypto.randomUUID(), clientId: crypto.randomUUID(), at: Date.now() },
  ...{ role: 'member', version: 1_000_000, origin: null, body, replyTo: null },
});
