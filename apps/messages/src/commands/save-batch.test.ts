import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Message } from '@chatapp/contract/shapes';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { ann, bob, edit, eve, react, read, remove, send } from '../testing/people.ts';
import { readChanges, readPage } from '../timeline/timeline-store.ts';
import { readUnread } from '../unread/unread-store.ts';
import { commandAgeMaxMs } from './decide.ts';
import type { BusNote, Outcome, Task } from './task.ts';

let messages: TestMessages;
let c: string;

beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

const fresh = () => {
  c = crypto.randomUUID();
  return c;
};
const save = (...tasks: Task[]) => messages.save(tasks);
const one = async (task: Task): Promise<Outcome> => {
  const [outcome] = await save(task);
  if (!outcome) throw new Error('no outcome');
  return outcome;
};
const timeline = async (): Promise<Message[]> => (await readPage(messages.sql, c, { side: 'newest' }, 100)).items;
const refusal = (code: string, temporary = false) => ({ error: { code, temporary } });

describe('saving sends', () => {
  it('gives each message its place in the order of the batch, and rev beside seq', async () => {
    fresh();
    const other = crypto.randomUUID();
    const outcomes = await save(send(c, { body: 'a' }), send(other), send(c, { body: 'b', actorId: bob }));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['saved', 'saved', 'saved']);
    expect(outcomes.map(({ answer }) => 'ok' in answer && answer.ok)).toMatchObject([
      { seq: 1, rev: 1 },
      { seq: 1, rev: 1 },
      { seq: 2, rev: 2 },
    ]);
    expect((await timeline()).map(({ seq, rev, body, senderId }) => ({ seq, rev, body, senderId }))).toEqual([
      { seq: 1, rev: 1, body: 'a', senderId: ann },
      { seq: 2, rev: 2, body: 'b', senderId: bob },
    ]);
  });

  it('tells others of exactly what history shows', async () => {
    fresh();
    const outcomes = await save(send(c, { body: `it's <@${bob}> \\ "x" \n\t{é😀}` }), send(c, { replyTo: 1 }));
    const told = outcomes.map(({ change }) => change?.type === 'message' && change.message);
    expect(told).toEqual(await timeline());
  });

  it('answers a repeat with the same id, seq and createdAt, and saves it once', async () => {
    fresh();
    const command = send(c);
    const first = await one(command);
    await one(send(c));
    const again = await one({ ...command, at: Date.now() });
    expect(again.kind).toBe('repeated');
    expect(again.answer).toEqual(first.answer);
    expect(await timeline()).toHaveLength(2);
  });

  it('finds a repeat within its own batch', async () => {
    fresh();
    const command = send(c);
    const [first, second] = await save(command, command);
    expect(second).toMatchObject({ kind: 'repeated', answer: first?.answer });
    expect(await timeline()).toHaveLength(1);
  });

  it('answers a repeat with the present rev', async () => {
    fresh();
    const command = send(c);
    await save(command, edit(c, 1));
    expect((await one(command)).answer).toMatchObject({ ok: { seq: 1, rev: 2 } });
  });

  it('refuses another body under the same id, until the message is edited', async () => {
    fresh();
    const command = send(c);
    await one(command);
    expect((await one({ ...command, body: 'other' })).answer).toEqual(refusal('client-id-reused') as never);
    expect((await one({ ...command, replyTo: 1 })).answer).toEqual(refusal('client-id-reused') as never);
    await one(edit(c, 1));
    expect((await one({ ...command, body: 'other' })).answer).toMatchObject({ ok: { seq: 1 } });
    expect(await timeline()).toHaveLength(1);
  });

  it('lets two people use one client id', async () => {
    fresh();
    const command = send(c);
    await save(command, { ...command, actorId: bob });
    expect(await timeline()).toHaveLength(2);
  });

  it.each([
    ['a viewer', { role: 'viewer' as const }, 'forbidden'],
    ['only white space', { body: '  ' }, 'invalid'],
    ['4 001 characters', { body: 'x'.repeat(4001) }, 'invalid'],
    ['a control character', { body: 'a\u0007' }, 'invalid'],
    ['a reply to what is not there', { replyTo: 7 }, 'invalid'],
    ['a command of eight days ago', { at: Date.now() - commandAgeMaxMs - 1000 }, 'conflict'],
  ])('refuses %s, alone', async (_name, over, code) => {
    fresh();
    const outcomes = await save(send(c), send(c, over), send(c));
    expect(outcomes[1]).toMatchObject({ kind: 'refused', answer: refusal(code) });
    expect((await timeline()).map(({ seq, rev }) => [seq, rev])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('gives a refused command the same answer again', async () => {
    fresh();
    const command = send(c, { role: 'viewer' });
    await one(command);
    expect((await one({ ...command, role: 'member' })).answer).toEqual(refusal('forbidden') as never);
  });

  it('refuses, for now, what was granted before the person lost a right', async () => {
    fresh();
    await one(note({ loss: { userId: bob, version: 5 } }));
    const late = send(c, { actorId: bob, version: 4 });
    expect((await one(late)).answer).toEqual(refusal('forbidden', true) as never);
    expect((await one({ ...late, version: 6 })).kind).toBe('saved');
    expect((await one(send(c, { version: 4 }))).kind).toBe('saved');
  });

  it('still knows a repeat from before a loss of rights', async () => {
    fresh();
    const command = send(c, { actorId: bob, version: 4 });
    await save(command, note({ loss: { userId: bob, version: 5 } }));
    expect((await one(command)).kind).toBe('repeated');
  });

  it('keeps one order under ten senders at once', async () => {
    fresh();
    const senders = Array.from({ length: 10 }, () => crypto.randomUUID());
    await Promise.all(
      senders.map(async (actorId) => {
        for (let n = 0; n < 5; n++) await one(send(c, { actorId, body: `${n}` }));
      }),
    );
    const all = await timeline();
    expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(all.map(({ rev }) => rev)).toEqual(all.map(({ seq }) => seq));
    for (const sender of senders) {
      expect(all.filter(({ senderId }) => senderId === sender).map(({ body }) => body)).toEqual([
        '0',
        '1',
        '2',
        '3',
        '4',
      ]);
    }
  });

  it('saves one of many copies that are written at once', async () => {
    fresh();
    const command = send(c);
    const outcomes = (await Promise.all(Array.from({ length: 8 }, () => save(command)))).flat();
    expect(outcomes.filter(({ kind }) => kind === 'saved')).toHaveLength(1);
    expect(new Set(outcomes.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    expect(await timeline()).toHaveLength(1);
  });

  it('does not wait in a ring for the conversations of another batch', async () => {
    const ids = Array.from({ length: 6 }, () => crypto.randomUUID());
    const batches = Array.from({ length: 8 }, (_, n) => (n % 2 ? ids : ids.toReversed()).map((id) => send(id)));
    const outcomes = (await Promise.all(batches.map((batch) => messages.save(batch)))).flat();
    expect(outcomes.every(({ kind }) => kind === 'saved')).toBe(true);
  });
});

describe('changing messages', () => {
  it('edits an own message and keeps its place', async () => {
    fresh();
    await save(send(c), send(c));
    const outcome = await one(edit(c, 1, { body: `hi <@${bob}>` }));
    expect(outcome.answer).toEqual({ ok: { seq: 1, rev: 3 } });
    const [message] = await timeline();
    expect(message).toMatchObject({ seq: 1, rev: 3, body: `hi <@${bob}>`, mentions: [bob] });
    expect(message?.editedAt).not.toBeNull();
  });

  it.each([
    ['an edit of another’s message', () => edit(c, 1, { actorId: bob }), 'forbidden'],
    ['an admin’s edit of another’s message', () => edit(c, 1, { actorId: bob, role: 'admin' }), 'forbidden'],
    ['a deletion of another’s message', () => remove(c, 1, { actorId: bob }), 'forbidden'],
    ['an edit of what is not there', () => edit(c, 9), 'not-found'],
    ['a deletion of what is not there', () => remove(c, 9), 'not-found'],
    ['a reaction to what is not there', () => react(c, 9), 'not-found'],
    ['a viewer’s reaction', () => react(c, 1, { role: 'viewer' }), 'forbidden'],
    ['a reaction that is no emoji', () => react(c, 1, { emoji: 'ok' }), 'invalid'],
    ['a reaction that the database could not hold', () => react(c, 1, { emoji: '\u0000' }), 'invalid'],
    ['half a character as a reaction', () => react(c, 1, { emoji: '\ud83d' }), 'invalid'],
    ['two emoji as one reaction', () => react(c, 1, { emoji: '👍👍' }), 'invalid'],
    ['an empty body', () => edit(c, 1, { body: ' ' }), 'invalid'],
  ])('refuses %s', async (_name, command, code) => {
    fresh();
    await one(send(c));
    expect((await one(command())).answer).toEqual(refusal(code) as never);
    expect((await timeline())[0]).toMatchObject({ rev: 1, body: 'hello' });
  });

  it('leaves a tombstone where a message was', async () => {
    fresh();
    await save(send(c, { body: `<@${bob}>` }), react(c, 1, { actorId: bob }));
    expect((await one(remove(c, 1))).answer).toEqual({ ok: { seq: 1, rev: 3 } });
    const [message] = await timeline();
    expect(message).toMatchObject({ seq: 1, body: '', reactions: [], mentions: [] });
    expect(message?.deletedAt).not.toBeNull();
    for (const command of [edit(c, 1), react(c, 1)]) {
      expect((await one(command)).answer).toEqual(refusal('message-deleted') as never);
    }
    expect(await messages.sql`SELECT 1 FROM mentions WHERE conversation_id = ${c}`).toHaveLength(0);
    expect(await messages.sql`SELECT 1 FROM reactions WHERE conversation_id = ${c}`).toHaveLength(0);
  });

  it('lets an admin delete the message of another', async () => {
    fresh();
    await one(send(c));
    expect((await one(remove(c, 1, { actorId: bob, role: 'admin' }))).kind).toBe('saved');
  });

  it('counts reactions by emoji, in the order in which they came', async () => {
    fresh();
    await save(send(c), react(c, 1, { actorId: bob, emoji: '🎉' }), react(c, 1), react(c, 1, { emoji: '🎉' }));
    const shown = [
      { emoji: '🎉', count: 2, userIds: [bob, ann] },
      { emoji: '👍', count: 1, userIds: [ann] },
    ];
    expect((await timeline())[0]?.reactions).toEqual(shown);
    const outcome = await one(react(c, 1, { actorId: bob, emoji: '🎉', on: false }));
    expect(outcome.change).toMatchObject({
      message: { reactions: [{ emoji: '🎉', count: 1, userIds: [ann] }, shown[1]] },
    });
    expect((await timeline())[0]?.reactions[0]).toEqual({ emoji: '🎉', count: 1, userIds: [ann] });
  });

  it('shows the first fifty people of an emoji in a push as in the history, whoever comes and goes', async () => {
    fresh();
    const people = Array.from({ length: 54 }, () => crypto.randomUUID());
    await save(send(c), ...people.slice(0, 53).map((actorId) => react(c, 1, { actorId })));
    const off = (at: number) => react(c, 1, { actorId: people[at] ?? '', on: false });
    const batches = [
      [off(0)],
      [off(1), off(51), react(c, 1, { actorId: people[53] ?? '' }), off(2), off(3)],
      [react(c, 1, { actorId: people[0] ?? '' }), react(c, 1, { actorId: people[1] ?? '' })],
    ];
    for (const batch of batches) {
      const { change } = (await save(...batch)).at(-1) ?? {};
      expect(change?.type === 'message' && change.message).toEqual((await timeline())[0] ?? false);
    }
    expect((await timeline())[0]?.reactions[0]).toMatchObject({ count: 51 });
  });

  it('shows who takes a reaction back and sets it again in one batch last, in a push as in the history', async () => {
    const again = (over: { emoji?: string } = {}) => [react(c, 1, { on: false, ...over }), react(c, 1, over)];
    fresh();
    await save(send(c), react(c, 1), react(c, 1, { actorId: bob }), react(c, 1, { emoji: '🎉' }));
    for (const [batch, shown] of [
      // Behind the others of the same emoji, then, where there are no others, behind the other emoji.
      [again(), [`👍 ${bob},${ann}`, `🎉 ${ann}`]],
      [
        [react(c, 1, { actorId: bob, on: false }), ...again()],
        [`🎉 ${ann}`, `👍 ${ann}`],
      ],
      [
        [...again({ emoji: '🎉' }), react(c, 1, { actorId: bob })],
        [`👍 ${ann},${bob}`, `🎉 ${ann}`],
      ],
    ] as const) {
      const { change } = (await save(...batch)).at(-1) ?? {};
      const [message] = await timeline();
      expect(message?.reactions.map(({ emoji, userIds }) => `${emoji} ${userIds}`)).toEqual([...shown]);
      expect(change?.type === 'message' && change.message).toEqual(message ?? false);
    }
  });

  it('gives no rev to a change that changes nothing', async () => {
    fresh();
    await save(send(c), react(c, 1));
    const outcomes = await save(react(c, 1), edit(c, 1, { body: 'hello' }), react(c, 1, { emoji: '🎉', on: false }));
    expect(outcomes.map(({ answer, change }) => ({ answer, change }))).toEqual(
      Array.from({ length: 3 }, () => ({ answer: { ok: { seq: 1, rev: 2 } }, change: null })),
    );
  });

  it('takes at most twenty emoji a message', async () => {
    fresh();
    const emoji = Array.from({ length: 21 }, (_, n) => String.fromCodePoint(0x1f600 + n));
    const outcomes = await save(send(c), ...emoji.map((each) => react(c, 1, { emoji: each })));
    expect(outcomes.at(-1)?.answer).toEqual(refusal('conflict') as never);
    expect((await timeline())[0]?.reactions).toHaveLength(20);
  });

  it('does not repeat a change that was replayed after a newer one', async () => {
    fresh();
    await one(send(c));
    const older = [edit(c, 1, { body: 'first' }), react(c, 1)];
    const newer = [edit(c, 1, { body: 'second' }), react(c, 1, { on: false })];
    await save(...older);
    await save(...newer);
    const replayed = await save(...older, ...newer);
    expect(replayed.map(({ kind }) => kind)).toEqual(['repeated', 'repeated', 'repeated', 'repeated']);
    expect((await timeline())[0]).toMatchObject({ body: 'second', reactions: [], rev: 5 });
    expect(replayed[0]?.change).toMatchObject({ rev: 5, message: { body: 'second' } });
  });

  it.each([
    ['an edit of another message', () => edit(c, 1, { body: 'x' }), () => edit(c, 2, { body: 'x' })],
    ['another text', () => edit(c, 1, { body: 'x' }), () => edit(c, 1, { body: 'y' })],
    ['a reaction taken back', () => react(c, 1), () => react(c, 1, { on: false })],
    ['another reaction', () => react(c, 1), () => react(c, 1, { emoji: '🎉' })],
    ['a deletion of what was edited', () => edit(c, 1, { body: 'x' }), () => remove(c, 1)],
    ['an edit of what was deleted', () => remove(c, 1), () => edit(c, 1, { body: 'x' })],
    ['a reaction to what was deleted', () => remove(c, 1), () => react(c, 1, { on: false })],
    ['a flag', () => edit(c, 1, { body: 'x' }), () => read(c, { markedUnread: true })],
    ['a new message', () => edit(c, 1, { body: 'x' }), () => send(c)],
    ['a new message after a reaction that was there', () => react(c, 1, { on: false }), () => send(c)],
  ])('refuses %s under the id of another change', async (_name, first, second) => {
    for (const together of [true, false]) {
      fresh();
      await save(send(c), send(c));
      const command = first();
      const other = { ...second(), clientId: command.clientId };
      const outcomes = together ? await save(command, other, command) : await inTurn([command, other, command]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['saved', 'refused', 'repeated']);
      expect(outcomes[1]?.answer).toEqual(refusal('client-id-reused') as never);
    }
  });

  it('never refuses a repeat, whatever became of its message since', async () => {
    fresh();
    await save(send(c), send(c), send(c));
    const changes = [edit(c, 1, { body: 'x' }), react(c, 1), react(c, 2, { on: true }), remove(c, 3)];
    const kinds = async () => new Set((await save(...changes)).map(({ kind }) => kind));
    expect(await kinds()).toEqual(new Set(['saved']));
    expect(await kinds()).toEqual(new Set(['repeated']));
    await save(react(c, 1, { on: false }), edit(c, 1, { body: 'y' }), remove(c, 2));
    expect(await kinds()).toEqual(new Set(['repeated']));
    await one(remove(c, 1));
    expect(await kinds()).toEqual(new Set(['repeated']));
  });

  it('does all of it in one batch as in many', async () => {
    const commands = (id: string): Task[] => [
      send(id),
      send(id, { actorId: bob, body: `<@${ann}>` }),
      react(id, 2),
      edit(id, 2, { actorId: bob, body: `<@${eve}>` }),
      react(id, 1, { actorId: bob }),
      remove(id, 1),
      react(id, 2, { on: false }),
      send(id, { replyTo: 1 }),
    ];
    const states: unknown[] = [];
    for (const together of [true, false]) {
      const tasks = commands(fresh());
      const outcomes = together ? await save(...tasks) : (await Promise.all([])) && (await inTurn(tasks));
      expect(outcomes.map(({ change }) => change?.type === 'message' && change.rev)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      const mentions = await messages.sql`SELECT user_id, seq FROM mentions WHERE conversation_id = ${c}`;
      const rows = (await timeline()).map(({ seq, rev, body, reactions, mentions, replyTo }) => ({
        ...{ seq, rev, body, reactions, mentions, replyTo },
      }));
      states.push({ rows, mentions: [...mentions], changes: (await changed(0)).map(({ seq, rev }) => ({ seq, rev })) });
    }
    expect(states[0]).toEqual(states[1]);
  });
});

const inTurn = async (tasks: readonly Task[]): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const task of tasks) outcomes.push(await one(task));
  return outcomes;
};

const changed = async (after: number) => (await readChanges(messages.sql, [{ id: c, after }]))[0]?.changes ?? [];

describe('read markers', () => {
  const unread = async (userId: string) => (await readUnread(messages.sql, userId, [c]))[0];

  it('only grow, up to the last message', async () => {
    fresh();
    await save(send(c), send(c), send(c));
    const outcomes = await save(
      read(c, { actorId: bob, seq: 2 }),
      read(c, { actorId: bob, seq: 1 }),
      read(c, { actorId: bob, seq: 99 }),
    );
    expect(outcomes.map(({ change }) => change?.type === 'read' && change.marker.seq)).toEqual([2, false, 3]);
    expect(await unread(bob)).toMatchObject({ lastReadSeq: 3, unread: 0 });
  });

  it('are shown as they are now where the command that moved or flagged them last is saved again, and by no other that moves nothing', async () => {
    fresh();
    const [twice, flag] = [
      read(c, { actorId: bob, seq: 2, receipts: true }),
      read(c, { actorId: bob, markedUnread: true }),
    ];
    const shown = (seq: number, markedUnread: boolean, isShown: boolean) => ({
      ...{ kind: 'repeated', answer: { ok: {} } },
      change: { type: 'read', userId: bob, marker: { seq, markedUnread }, isShown },
    });
    await save(send(c), send(c), send(c), twice);
    expect(await one(twice)).toMatchObject(shown(2, false, true));
    expect(await one(read(c, { actorId: bob, seq: 2 }))).toMatchObject({ kind: 'saved', change: null });
    await one(flag);
    expect(await one(flag)).toMatchObject(shown(2, true, false));
    expect(await one(twice)).toMatchObject({ kind: 'saved', change: null });
  });

  it('are not flagged or cleared again by a repeat that comes after something newer', async () => {
    fresh();
    const [flag, clear] = [true, false].map((markedUnread) => read(c, { actorId: bob, markedUnread }));
    if (!flag || !clear) throw new Error('no commands');
    await save(send(c), send(c), send(c), flag, read(c, { actorId: bob, seq: 3 }));
    expect(await save(flag, clear, flag)).toMatchObject([
      { kind: 'repeated' },
      { kind: 'saved' },
      { kind: 'repeated' },
    ]);
    expect(await unread(bob)).toMatchObject({ lastReadSeq: 3, markedUnread: false });
    await one(read(c, { actorId: bob, markedUnread: true }));
    expect((await one(clear)).change).toMatchObject({ marker: { seq: 3, markedUnread: true }, isShown: false });
    expect(await unread(bob)).toMatchObject({ markedUnread: true });
  });

  it('are shown once more where a batch of them is saved again, and every one of it moved', async () => {
    fresh();
    const batch = [1, 2, 3].map((seq) => read(c, { actorId: bob, seq, receipts: true }));
    await save(send(c), send(c), send(c));
    const moved = async () =>
      (await save(...batch)).flatMap(({ change }) => (change?.type === 'read' ? [change.marker.seq] : []));
    expect(await moved()).toEqual([1, 2, 3]);
    expect(await moved()).toEqual([3]);
  });

  it('advance with own sends, which clear the flag', async () => {
    fresh();
    await save(send(c, { actorId: bob }), read(c, { markedUnread: true }));
    expect(await unread(ann)).toMatchObject({ lastReadSeq: 0, unread: 1, markedUnread: true });
    await one(send(c));
    expect(await unread(ann)).toMatchObject({ lastReadSeq: 2, unread: 0, markedUnread: false });
  });

  it('stand at the last message from before the joining', async () => {
    fresh();
    await save(send(c), send(c));
    const joinedAt = Date.now() + 1;
    await Bun.sleep(3);
    await one(send(c));
    await one(note({ joined: bob, at: joinedAt }));
    expect(await unread(bob)).toMatchObject({ lastReadSeq: 2, unread: 1, headSeq: 3 });
  });

  it('count others’ texts only, and mentions apart', async () => {
    fresh();
    await save(
      send(c, { body: `<@${bob}> and <@${ann}>` }),
      send(c, { actorId: bob }),
      note({ system: { type: 'joined', userId: eve } }),
      send(c),
      remove(c, 4),
      send(c, { body: `<@${bob}>` }),
    );
    expect(await unread(bob)).toMatchObject({ lastReadSeq: 2, unread: 1, mentions: 1, headSeq: 5 });
    expect(await unread(eve)).toMatchObject({ lastReadSeq: 0, unread: 3, mentions: 0 });
    expect(await unread(ann)).toMatchObject({ lastReadSeq: 5, unread: 0, mentions: 0 });
  });
});

const note = (over: Partial<BusNote>): BusNote => ({
  op: 'note',
  conversationId: c,
  actorId: ann,
  clientId: crypto.randomUUID(),
  at: Date.now(),
  origin: null,
  system: null,
  joined: null,
  left: null,
  loss: null,
  erases: false,
  ...over,
});

describe('what bus events leave', () => {
  it('is a system message with a place of its own, once', async () => {
    fresh();
    const joined = note({ system: { type: 'joined', userId: bob, role: 'member' } });
    await save(send(c), joined);
    expect((await one(joined)).kind).toBe('repeated');
    const all = await timeline();
    expect(all).toHaveLength(2);
    expect(all[1]).toMatchObject({
      ...{ seq: 2, rev: 2, kind: 'system', senderId: ann, clientId: joined.clientId, body: '' },
      system: { type: 'joined', userId: bob, role: 'member' },
    });
  });

  it('can be neither edited nor deleted nor reacted to', async () => {
    fresh();
    await one(note({ system: { type: 'created', userId: ann, name: 'x' } }));
    for (const command of [edit(c, 1), remove(c, 1, { role: 'owner' }), react(c, 1)]) {
      expect((await one(command)).answer).toEqual(refusal('forbidden') as never);
    }
  });
});
