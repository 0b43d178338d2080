import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { limits } from '@chatapp/contract/limits';
import fc from 'fast-check';
import postgres from 'postgres';
import { KnownHeads } from '../commands/known-heads.ts';
import { createQuickSave } from '../commands/quick-save.ts';
import { createSaveBatch, type SaveBatch } from '../commands/save-batch.ts';
import { neverFails } from '../failpoint.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { bob, read, send } from '../testing/people.ts';
import { countByHand, createWorld, history, people } from '../testing/unread-history.ts';
import { readPage } from '../timeline/timeline-store.ts';
import { readUnread } from './unread-store.ts';

let messages: TestMessages;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

describe('unread counts', () => {
  it('equal a count by hand after any history, however it was cut into batches, and whichever way they were saved', async () => {
    const heads = new KnownHeads();
    let now = 0;
    let [checked, quick] = [0, 0];
    const parts = {
      ...{ sql: messages.sql, shards: testShards, heads, now: () => now },
      ...{ newId: () => Bun.randomUUIDv7(), reach: neverFails },
    };
    const check = createSaveBatch(parts);
    const save: SaveBatch = (tasks) => {
      checked++;
      return check(tasks);
    };
    const saveQuickly = createQuickSave({ ...parts, save });
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const c = crypto.randomUUID();
        const world = createWorld(c, Date.now() - 60_000);
        for (const batch of batches) {
          const next = world.next(batch);
          now = next.now;
          const before = checked;
          await saveQuickly(next.tasks);
          if (checked === before) quick++;
        }
        const { items } = await readPage(messages.sql, c, { side: 'newest' }, 100);
        for (const userId of people) {
          const marker = world.markerOf(userId);
          expect((await readUnread(messages.sql, userId, [c]))[0]).toEqual({
            ...{ conversationId: c, headSeq: world.head(), ...marker },
            ...countByHand(items, userId, marker.lastReadSeq),
          });
        }
      }),
      { numRuns: 60 },
    );
    // Both ways were gone.
    expect(Math.min(checked, quick)).toBeGreaterThan(10);
  }, 60_000);

  it('stop at a hundred', async () => {
    const c = crypto.randomUUID();
    await messages.save(Array.from({ length: 130 }, () => send(c, { body: `<@${bob}>` })));
    const most = limits.unreadCountMax;
    expect((await readUnread(messages.sql, bob, [c]))[0]).toMatchObject({ unread: most, mentions: most, headSeq: 130 });
    await messages.save([read(c, { actorId: bob, seq: 31 })]);
    expect((await readUnread(messages.sql, bob, [c]))[0]).toMatchObject({ unread: 99, mentions: 99 });
  });

  it('come for all conversations in one statement, in the order asked', async () => {
    const [a, b, empty] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    await messages.save([send(a), send(b), send(b)]);
    const statements: string[] = [];
    const counting = postgres(messages.url, { max: 1, debug: (_connection, statement) => statements.push(statement) });
    Object.assign(counting.options.parsers, messages.sql.options.parsers);
    // The first one is preceded by the driver's own.
    await counting`SELECT 1`;
    statements.length = 0;
    const rows = await readUnread(counting, bob, [b, empty, a]);
    expect(statements).toEqual([expect.stringContaining('FROM unnest')]);
    expect(rows.map(({ conversationId, unread }) => [conversationId, unread])).toEqual([
      [b, 2],
      [empty, 0],
      [a, 1],
    ]);
    await counting.end();
  });
});
