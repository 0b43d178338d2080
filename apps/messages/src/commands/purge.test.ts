import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { shardOf } from '@chatapp/contract/shard';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { react, send } from '../testing/people.ts';
import { purgeApplied } from './purge-store.ts';

let messages: TestMessages;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

describe('purgeApplied', () => {
  it('forgets what is old, in its shard only, and no message', async () => {
    const c = crypto.randomUUID();
    const shard = shardOf(c, testShards);
    const old = react(c, 1);
    const recent = react(c, 1, { on: false });
    await messages.save([send(c), old, recent]);
    await messages.sql`UPDATE applied SET at = now() - interval '8 days' WHERE client_id = ${old.clientId}`;
    const before = new Date(Date.now() - 7 * 24 * 3_600_000);
    expect(await purgeApplied(messages.sql, (shard + 1) % testShards, before)).toBe(0);
    expect(await purgeApplied(messages.sql, shard, before)).toBe(1);
    expect(await messages.sql`SELECT client_id FROM applied WHERE conversation_id = ${c}`).toMatchObject([
      { client_id: recent.clientId },
    ]);
    expect(await messages.sql`SELECT 1 FROM messages WHERE conversation_id = ${c}`).toHaveLength(1);
  });
});
