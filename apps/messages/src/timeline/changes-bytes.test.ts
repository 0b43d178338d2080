import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { ChangesOf } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';
import type { Task } from '../commands/task.ts';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { ann, bob, edit, eve, react, remove, send } from '../testing/people.ts';
import { readChanges, readPage } from './timeline-store.ts';

let messages: TestMessages;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

const { bodyLengthMax, changesPageBytesMax, changesPageMax, changesPerAnswerBytesMax } = limits;
const people = [ann, bob, eve];
const below = (max: number) => Math.floor(Math.random() * max);
const cjk = (length: number = bodyLengthMax) => '漢'.repeat(length);
/** Bytes of a message of the longest text in such characters, with all that stands around it. */
const longestBytes = 3 * bodyLengthMax + 1000;
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const saveAll = async (tasks: readonly Task[]) => {
  for (let at = 0; at < tasks.length; at += 100) await messages.save(tasks.slice(at, at + 100));
};

/** Every page from `after` to the head. */
const pagesOf = async (id: string, after = 0): Promise<ChangesOf[]> => {
  const pages: ChangesOf[] = [];
  for (let have = after; ; ) {
    const [page] = await readChanges(messages.sql, [{ id, after: have }]);
    if (!page) throw new Error('no page');
    pages.push(page);
    if (page.to >= page.headRev) return pages;
    expect(page.to).toBeGreaterThan(have);
    have = page.to;
  }
};

/** What pages have to yield: the present state of all that changed after a rev. */
const statesAfter = async (id: string, after: number): Promise<Message[]> => {
  const { items } = await readPage(messages.sql, id, { side: 'newest' }, 100_000);
  return items.filter(({ rev }) => rev > after).sort((left, right) => left.rev - right.rev);
};

/** Ten emoji of forty people at each of the first thirty messages, as the tables hold them. */
const reactToAll = async (c: string) => {
  const { sql } = messages;
  await sql`
    INSERT INTO reactions SELECT ${c}, s, chr(128512 + e), gen_random_uuid(), s, s
    FROM generate_series(1, 30) s, generate_series(1, 10) e, generate_series(1, 40)`;
  await sql`UPDATE messages SET reacted = true WHERE conversation_id = ${c}`;
};

describe('a page of changes', () => {
  it('ends early where texts are long', async () => {
    const c = crypto.randomUUID();
    await saveAll(Array.from({ length: changesPageMax }, () => send(c, { body: cjk() })));
    const pages = await pagesOf(c);
    expect(pages[0]?.to).toBeLessThan(changesPageMax);
    for (const page of pages) expect(bytesOf(page)).toBeLessThan(changesPageBytesMax + longestBytes);
    expect(pages.flatMap(({ changes }) => changes.map(({ rev }) => rev))).toEqual(
      Array.from({ length: changesPageMax }, (_, at) => at + 1),
    );
  }, 30_000);

  it('counts what people reacted with, and whom texts mention', async () => {
    const c = crypto.randomUUID();
    const mentioning = people.map((id) => `<@${id}>`).join('');
    await saveAll(Array.from({ length: 30 }, () => send(c, { body: mentioning })));
    await reactToAll(c);
    const pages = await pagesOf(c);
    expect(pages.length).toBeGreaterThan(1);
    for (const page of pages) expect(bytesOf(page)).toBeLessThan(changesPageBytesMax + 20_000);
    expect(pages.flatMap(({ changes }) => changes)).toEqual(await statesAfter(c, 0));
  }, 60_000);

  it('leaves out nothing and repeats nothing, whatever was sent, edited, reacted to and deleted', async () => {
    const c = crypto.randomUUID();
    const body = () => cjk(1 + below(bodyLengthMax));
    await saveAll(Array.from({ length: 300 }, () => send(c, { body: body() })));
    const anyTask = (): Task => {
      const dice = Math.random();
      const seq = 1 + below(300);
      if (dice < 0.4) return send(c, { body: body() });
      if (dice < 0.8) return edit(c, seq, { body: body() });
      return dice < 0.9 ? remove(c, seq) : react(c, seq, { actorId: people[below(people.length)] ?? bob });
    };
    await saveAll(Array.from({ length: 600 }, anyTask));
    for (const after of [0, 1, 150, 300, 301, 450, 600]) {
      const pages = await pagesOf(c, after);
      expect(pages.flatMap(({ changes }) => changes)).toEqual(await statesAfter(c, after));
      for (const page of pages) {
        expect(bytesOf(page)).toBeLessThan(changesPageBytesMax + longestBytes);
        expect(page.changes.every(({ rev }) => rev > page.after && rev <= page.to)).toBe(true);
      }
    }
  }, 60_000);
});

describe('an answer about many conversations', () => {
  it('is bounded too; who has no room is cut to an empty page, and gets all when asked for first', async () => {
    const ids = Array.from({ length: 15 }, () => crypto.randomUUID());
    const empty = crypto.randomUUID();
    await saveAll(ids.flatMap((c) => Array.from({ length: 20 }, () => send(c, { body: cjk() }))));
    const asks = [...ids, empty].map((id) => ({ id, after: 0 }));
    const answer = await readChanges(messages.sql, asks);
    expect(bytesOf(answer)).toBeLessThan(changesPerAnswerBytesMax + 20_000);
    expect(answer.map(({ id }) => id)).toEqual([...ids, empty]);
    const cut = answer.filter(({ changes }) => changes.length === 0);
    expect(cut.length).toBeGreaterThan(2);
    expect(cut.at(0)).toMatchObject({ after: 0, to: 0, headRev: 20 });
    expect(cut.at(-1)).toEqual({ id: empty, changes: [], after: 0, to: 0, headRev: 0 });
    const again = await readChanges(messages.sql, [{ id: cut[0]?.id ?? '', after: 0 }]);
    expect(again[0]).toMatchObject({ to: 20, headRev: 20 });
  }, 30_000);
});
