import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';
import fc from 'fast-check';
import type { Task } from '../commands/task.ts';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { ann, bob, edit, eve, read, remove, send } from '../testing/people.ts';
import { readPage } from '../timeline/timeline-store.ts';
import { readUnread } from './unread-store.ts';

let messages: TestMessages;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

const people = [ann, bob, eve] as const;
const person = fc.constantFrom(...people);
const place = fc.integer({ min: 1, max: 12 });
const body = fc.constantFrom('hi', `<@${ann}>`, `<@${bob}> <@${eve}>`, `<@${eve}>`);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('send' as const), actorId: person, body }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('edit' as const), actorId: person, seq: place, body }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), seq: place }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('read' as const), actorId: person, seq: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('flag' as const), actorId: person, markedUnread: fc.boolean() }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const taskOf = (c: string, one: Step): Task => {
  switch (one.op) {
    case 'send':
      return send(c, { actorId: one.actorId, body: one.body });
    case 'edit':
      return edit(c, one.seq, { actorId: one.actorId, body: one.body });
    case 'delete':
      return remove(c, one.seq, { role: 'owner' });
    case 'read':
      return read(c, { actorId: one.actorId, seq: one.seq });
    case 'flag':
      return read(c, { actorId: one.actorId, markedUnread: one.markedUnread });
  }
};

/** The markers as the protocol tells them, one step after another. */
const markersAfter = (steps: readonly Step[]) => {
  const markers = new Map<string, { seq: number; flag: boolean }>(people.map((id) => [id, { seq: 0, flag: false }]));
  let head = 0;
  for (const one of steps) {
    if (one.op === 'send') markers.set(one.actorId, { seq: ++head, flag: false });
    if (one.op === 'flag') {
      markers.set(one.actorId, { seq: markers.get(one.actorId)?.seq ?? 0, flag: one.markedUnread });
    }
    if (one.op === 'read') {
      const before = markers.get(one.actorId) ?? { seq: 0, flag: false };
      const seq = Math.min(one.seq, head);
      if (seq > before.seq) markers.set(one.actorId, { seq, flag: false });
    }
  }
  return markers;
};

const countBrutally = (all: readonly Message[], userId: string, after: number) => {
  const others = all.filter(({ seq, senderId, deletedAt }) => seq > after && senderId !== userId && deletedAt === null);
  return { unread: others.length, mentions: others.filter(({ mentions }) => mentions.includes(userId)).length };
};

describe('unread counts', () => {
  it('equal a count by hand after any history, however it was cut into batches', async () => {
    const history = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const c = crypto.randomUUID();
        for (const batch of batches) await messages.save(batch.map((one) => taskOf(c, one)));
        const { items } = await readPage(messages.sql, c, { side: 'newest' }, 100);
        const markers = markersAfter(batches.flat());
        for (const userId of people) {
          const marker = markers.get(userId) ?? { seq: 0, flag: false };
          expect((await readUnread(messages.sql, userId, [c]))[0]).toEqual({
            ...{
              conversationId: c,
              headSeq: items.at(-1)?.seq ?? 0,
              lastReadSeq: marker.seq,
              markedUnread: marker.flag,
            },
            ...countBrutally(items, userId, marker.seq),
          });
        }
      }),
      { numRuns: 60 },
    );
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
    const rows = await readUnread(messages.sql, bob, [b, empty, a]);
    expect(rows.map(({ conversationId, unread }) => [conversationId, unread])).toEqual([
      [b, 2],
      [empty, 0],
      [a, 1],
    ]);
  });
});
