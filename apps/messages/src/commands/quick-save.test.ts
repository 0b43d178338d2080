import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { noteOf } from '../events/note.ts';
import { neverFails } from '../failpoint.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { gone } from '../testing/events.ts';
import { ann, bob, edit, eve, react, read, remove, send } from '../testing/people.ts';
import { readChanges, readPage } from '../timeline/timeline-store.ts';
import { readUnread } from '../unread/unread-store.ts';
import { KnownHeads } from './known-heads.ts';
import { createQuickSave } from './quick-save.ts';
import { createSaveBatch, type SaveBatch } from './save-batch.ts';
import type { Task } from './task.ts';

let messages: TestMessages;
let c: string;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());
beforeEach(() => {
  c = crypto.randomUUID();
});

/** An instance with a memory of its own. `checked` counts the batches that went the checking way. */
const newSave = () => {
  const counts = { checked: 0 };
  const saving = { sql: messages.sql, shards: testShards, heads: new KnownHeads(), now: Date.now };
  const parts = { ...saving, newId: () => Bun.randomUUIDv7(), reach: neverFails };
  const checking = createSaveBatch(parts);
  const save: SaveBatch = createQuickSave({
    ...parts,
    save: (tasks) => {
      counts.checked++;
      return checking(tasks);
    },
  });
  return { save, counts };
};
const history = async (id: string) => (await readPage(messages.sql, id, { side: 'newest' }, 100)).items;
const places = async (id: string) => (await history(id)).map(({ seq, rev, body }) => [seq, rev, body]);

describe('saving new sends in one statement', () => {
  it('is done where the heads are known, and leaves what the checking way leaves', async () => {
    const { save, counts } = newSave();
    const other = crypto.randomUUID();
    await save([send(c, { body: 'a' }), send(other)]);
    expect(counts.checked).toBe(1);
    const outcomes = await save([
      send(c, { body: `b <@${bob}>`, replyTo: 1 }),
      send(other, { actorId: bob }),
      send(c, { body: 'c', actorId: bob }),
    ]);
    expect(counts.checked).toBe(1);
    expect(outcomes.map(({ answer }) => 'ok' in answer && answer.ok)).toMatchObject([
      { seq: 2, rev: 2 },
      { seq: 2, rev: 2 },
      { seq: 3, rev: 3 },
    ]);
    const told = outcomes.map(({ change }) => change?.type === 'message' && change.message);
    expect([told[0], told[2]]).toEqual((await history(c)).slice(1));
    expect((await readUnread(messages.sql, bob, [c]))[0]).toMatchObject({ lastReadSeq: 3, unread: 0 });
    expect((await readUnread(messages.sql, ann, [c]))[0]).toMatchObject({ lastReadSeq: 2, unread: 1 });
    expect((await readUnread(messages.sql, eve, [c]))[0]).toMatchObject({ unread: 3 });
    expect((await readChanges(messages.sql, [{ id: c, after: 1 }]))[0]).toMatchObject({ to: 3, headRev: 3 });
  });

  it.each([
    ['somebody else moved a head', async () => void (await messages.save([send(c, { body: 'other' })])), 3],
    ['somebody else edited', async () => void (await messages.save([edit(c, 1)])), 2],
  ])('takes the checking way where %s, without a hole', async (_name, meanwhile, seq) => {
    const { save, counts } = newSave();
    const other = crypto.randomUUID();
    await save([send(c), send(other)]);
    await meanwhile();
    const outcomes = await save([send(other), send(c, { body: 'mine' })]);
    expect(counts.checked).toBe(2);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['saved', 'saved']);
    expect((await places(c)).at(-1)).toEqual([seq, 3, 'mine']);
    // The heads of the statement that was raised did not move.
    expect(await places(other)).toEqual([
      [1, 1, 'hello'],
      [2, 2, 'hello'],
    ]);
    await save([send(c)]);
    expect(counts.checked).toBe(2);
  });

  it('keeps every body letter by letter, though none is quoted on its way', async () => {
    const { save, counts } = newSave();
    const bodies = ['NULL', '{a,b}', '"q", \\"', "it's", 'tab\tand\nline', ',', 'é 😀 \u2028', '$1', '\\N', '\\x1f'];
    await save([send(c)]);
    await save(bodies.map((body) => send(c, { body })));
    expect(counts.checked).toBe(1);
    expect((await history(c)).slice(1).map(({ body, replyTo }) => [body, replyTo])).toEqual(
      bodies.map((body) => [body, null]),
    );
  });

  it('finds a repeat, and saves the others of its batch', async () => {
    const { save, counts } = newSave();
    const command = send(c);
    const [first] = await save([command]);
    const [again, saved] = await save([command, send(c, { body: 'new' })]);
    expect(again).toMatchObject({ kind: 'repeated', answer: first?.answer });
    expect(saved?.kind).toBe('saved');
    expect(counts.checked).toBe(2);
    const twice = send(c, { body: 'twice' });
    expect((await save([twice, twice])).map(({ kind }) => kind)).toEqual(['saved', 'repeated']);
    expect((await places(c)).map(([, , body]) => body)).toEqual(['hello', 'new', 'twice']);
  });

  it('refuses what was refused before, and what was granted before a loss', async () => {
    const { save } = newSave();
    const refused = send(c, { role: 'viewer' });
    await save([send(c), refused]);
    const [again] = await save([{ ...refused, role: 'member' }]);
    expect(again?.answer).toEqual({ error: { code: 'forbidden', temporary: false } });
    // A loss that does not move the head: that of everybody, by archiving.
    await messages.sql`INSERT INTO losses VALUES (${c}, '00000000-0000-0000-0000-000000000000', 5)`;
    const outcomes = await save([send(c, { version: 4 }), send(c, { version: 5 })]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'saved']);
    await messages.sql`INSERT INTO losses VALUES (${c}, ${bob}, 9)`;
    expect((await save([send(c, { actorId: bob, version: 8 })]))[0]?.kind).toBe('refused');
    expect((await save([send(c, { version: 8 })]))[0]?.kind).toBe('saved');
  });

  it('refuses a new message under the id of an edit', async () => {
    const { save } = newSave();
    const changed = edit(c, 1);
    await save([send(c), changed]);
    const [taken] = await save([send(c, { clientId: changed.clientId })]);
    expect(taken?.answer).toEqual({ error: { code: 'client-id-reused', temporary: false } });
    expect(await places(c)).toEqual([[1, 2, 'better']]);
  });

  it('keeps one order without holes or doubles under two instances that both take themselves for the holder', async () => {
    const instances = [newSave(), newSave()];
    const ids = [c, crypto.randomUUID(), crypto.randomUUID()];
    const commands = Array.from({ length: 120 }, (_, n) => send(ids[n % 3] ?? c, { body: `${n}` }));
    // Each gets every command, as after a takeover from a holder that is not dead.
    await Promise.all(
      instances.map(async ({ save }, instance) => {
        for (let from = 0; from < commands.length; from += 5 + instance) {
          await save(commands.slice(from, from + 5 + instance));
        }
      }),
    );
    for (const [at, id] of ids.entries()) {
      const mine = commands.filter((_, n) => n % 3 === at).map(({ body }) => body);
      expect(await places(id)).toEqual(mine.map((body, index) => [index + 1, index + 1, body]));
    }
  });

  it('leaves after any history exactly what the checking way alone leaves', async () => {
    const person = fc.constantFrom(ann, bob);
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.record({ op: fc.constant('send' as const), by: person, mentions: fc.boolean() }) },
      fc.record({
        op: fc.constantFrom('edit', 'remove', 'react', 'read', 'again', 'left'),
        by: person,
        seq: fc.nat(6),
      }),
    );
    const batches = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, async (history) => {
        const { save } = newSave();
        const [quick, checked] = [crypto.randomUUID(), crypto.randomUUID()];
        for (const [id, way] of [
          [quick, save],
          [checked, messages.save],
        ] as const) {
          const sent: Task[] = [];
          for (const batch of history) {
            const tasks = batch.flatMap((one) => tasksOf(one, id, sent));
            sent.push(...tasks.filter(({ op }) => op === 'send'));
            await way(tasks);
          }
        }
        expect(await stateOf(quick)).toEqual(await stateOf(checked));
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

interface Act {
  readonly op: string;
  readonly by: string;
  readonly seq?: number;
  readonly mentions?: boolean;
}

const tasksOf = ({ op, by: actorId, seq = 1, mentions }: Act, id: string, sent: readonly Task[]): Task[] => {
  switch (op) {
    case 'send':
      return [send(id, { actorId, body: mentions ? `<@${ann}> <@${bob}>` : 'x' })];
    case 'edit':
      return [edit(id, seq, { actorId })];
    case 'remove':
      return [remove(id, seq, { actorId })];
    case 'react':
      return [react(id, seq, { actorId })];
    case 'read':
      return [read(id, { actorId, seq })];
    case 'again':
      return sent.slice(seq, seq + 1);
    default:
      return [noteOf(gone(id, 'member.left', 1))].filter((note) => note !== undefined);
  }
};

/** All that is kept of a conversation, without what differs by chance. */
const stateOf = async (id: string) => {
  const { items, headSeq, headRev } = await readPage(messages.sql, id, { side: 'newest' }, 100);
  const rows = items.map(({ seq, rev, body, senderId, reactions, mentions, deletedAt, editedAt }) => ({
    ...{ seq, rev, body, senderId, reactions, mentions, isDeleted: deletedAt !== null, isEdited: editedAt !== null },
  }));
  const unread = await Promise.all([ann, bob].map(async (by) => (await readUnread(messages.sql, by, [id]))[0]));
  const changes = (await readChanges(messages.sql, [{ id, after: 0 }]))[0]?.changes.map(({ seq, rev }) => [seq, rev]);
  return { rows, headSeq, headRev, changes, unread: unread.map((row) => ({ ...row, conversationId: '' })) };
};
