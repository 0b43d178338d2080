import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { silentLog } from '@chatapp/service/log';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { everyone, type Task } from '../commands/task.ts';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { erased, gone } from '../testing/events.ts';
import { ann, bob, react, read, send } from '../testing/people.ts';
import { eventsLease } from './consumer.ts';
import { runEraser } from './eraser.ts';
import { noteOf } from './note.ts';

let messages: TestMessages;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

const tables = ['messages', 'reactions', 'mentions', 'read_markers', 'heads', 'losses', 'erasures'];
const rowsOf = async (c: string): Promise<Record<string, number>> => {
  const counts = tables.map(async (table) => {
    const [row] = await messages.sql`SELECT count(*) FROM ${messages.sql(table)} WHERE conversation_id = ${c}`;
    return [table, Number(row?.count)] as const;
  });
  return Object.fromEntries((await Promise.all(counts)).filter(([, count]) => count > 0));
};
const notes = (...events: Parameters<typeof noteOf>[0][]): Task[] =>
  events.map(noteOf).filter((note) => note !== undefined);

/** No account is deleted here. */
const unused = {
  redis: undefined as never,
  save: () => Promise.reject(new Error('nothing to save')),
  announcer: { announce: () => Promise.reject(new Error('nothing to tell')), waiting: 0 },
  now: Date.now,
};

/** Erases while `held` says that the lease is here, until `done`. */
const erase = async (held: () => boolean, done: () => Promise<boolean>) => {
  const stopping = new AbortController();
  const leases = { held: () => new Map(held() ? [[eventsLease, 1]] : []) };
  const running = runEraser(
    { ...unused, sql: messages.sql, leases, clock: systemClock, log: silentLog(), everyMs: 5 },
    stopping.signal,
  );
  await eventually(done).finally(() => stopping.abort());
  await running;
};

describe('erasing a conversation', () => {
  it('leaves nothing of it but that nobody may write, and everything of the others', async () => {
    const [c, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const fill = (id: string): Task[] => [
      ...Array.from({ length: 1500 }, () => send(id, { body: `<@${bob}>` })),
      ...[react(id, 1), react(id, 2, { actorId: bob }), read(id, { actorId: bob, seq: 3 })],
      ...notes(gone(id, 'member.left', 5)),
    ];
    await messages.save([...fill(c), ...fill(other)]);
    const before = await rowsOf(other);
    await messages.save(notes(erased(c, 9)));
    await erase(
      () => true,
      async () => (await messages.sql`SELECT 1 FROM erasures`).length === 0,
    );
    expect(await rowsOf(c)).toEqual({ losses: 1 });
    expect(await messages.sql`SELECT user_id FROM losses WHERE conversation_id = ${c}`).toMatchObject([
      { user_id: everyone },
    ]);
    expect(await rowsOf(other)).toEqual(before);
    // What was on its way when it was erased brings nothing back.
    const [late] = await messages.save([send(c, { version: 8 })]);
    expect(late?.kind).toBe('refused');
    expect(await messages.sql`SELECT 1 FROM messages WHERE conversation_id = ${c}`).toHaveLength(0);
  });

  it('is asked for once, however often the event comes, and is done by who holds the lease', async () => {
    const c = crypto.randomUUID();
    const event = erased(c, 9);
    await messages.save([send(c), ...notes(event)]);
    let isHeld = false;
    let looks = 0;
    await erase(
      () => {
        looks++;
        return isHeld;
      },
      async () => looks > 5,
    );
    expect(await rowsOf(c)).toMatchObject({ messages: 1, erasures: 1 });
    isHeld = true;
    const isDone = async () => (await messages.sql`SELECT 1 FROM erasures`).length === 0;
    await erase(() => isHeld, isDone);
    const [again] = await messages.save(notes(event));
    expect(again?.kind).toBe('repeated');
    expect(await isDone()).toBe(true);
  });

  it('needs nobody who did it', () => {
    expect(noteOf(erased(crypto.randomUUID(), 2))?.actorId).toBe(everyone);
    expect(noteOf({ ...erased(crypto.randomUUID(), 2), actor: ann })?.actorId).toBe(ann);
  });
});
