import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';
import { createTimeline } from '../../../../dev/testing/chat-timeline.ts';
import type { Task } from '../commands/task.ts';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { ann, bob, edit, react, remove, send } from '../testing/people.ts';
import { readChanges, readHeads, readPage } from './timeline-store.ts';

let messages: TestMessages;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

const people = [ann, bob] as const;
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
const upTo = (max: number) => 1 + Math.floor(Math.random() * max);

/** Saves as many tasks as it says, in batches, each made when its batch begins. */
const saveMany = async (count: number, next: () => Task) => {
  for (let done = 0; done < count; done += 500) {
    await messages.save(Array.from({ length: Math.min(500, count - done) }, next));
  }
};
const head = async (c: string) => {
  const [found] = await readHeads(messages.sql, [c]);
  if (!found) throw new Error('no head');
  return found;
};
const history = async (c: string): Promise<Message[]> => {
  const all: Message[] = [];
  for (let after = 0; ; after += limits.pageSizeMax) {
    const { items } = await readPage(messages.sql, c, { side: 'after', seq: after }, limits.pageSizeMax);
    if (items.length === 0) return all;
    all.push(...items);
  }
};

/** Somebody sends, edits, reacts and deletes at random, as much as anybody could in a busy conversation. */
const anyTask = (c: string, seqMax: () => number) => (): Task => {
  const actorId = pick(people);
  const dice = Math.random();
  if (dice < 0.3) return send(c, { actorId, body: `new <@${bob}>` });
  if (dice < 0.6) return edit(c, upTo(seqMax()), { body: `edited ${crypto.randomUUID()}` });
  if (dice < 0.63) return remove(c, upTo(seqMax()), { role: 'owner' });
  return react(c, upTo(seqMax()), { actorId, emoji: pick(['👍', '🎉']), on: Math.random() < 0.7 });
};

describe('changes after ten thousand', () => {
  it('lead who was away for all of them to the present state, page by page, while others go on', async () => {
    const c = crypto.randomUUID();
    await saveMany(600, () => send(c, { body: 'before' }));
    const client = createTimeline();
    for (const message of await history(c)) client.put(message);
    client.have = (await head(c)).headRev;
    expect([client.have, client.size]).toEqual([600, 600]);

    // Half of what is asked for changes nothing: on until there are ten thousand that did.
    while ((await head(c)).headRev < 10_600) {
      const { headSeq } = await head(c);
      await saveMany(
        1000,
        anyTask(c, () => headSeq),
      );
    }

    let pages = 0;
    for (let isThrough = false; !isThrough; pages++) {
      const [page] = await readChanges(messages.sql, [{ id: c, after: client.have }]);
      if (!page) throw new Error('no page');
      expect(page.after).toBe(client.have);
      expect(page.changes.length).toBeLessThanOrEqual(limits.changesPageMax);
      const revs = page.changes.map(({ rev }) => rev);
      expect(revs).toEqual(revs.toSorted((left, right) => left - right));
      expect(revs.every((rev) => rev > page.after && rev <= page.to)).toBe(true);
      for (const message of page.changes) expect(client.put(message)).toBe(true);
      client.have = page.to;
      isThrough = page.to === page.headRev;
      if (pages < 5)
        await saveMany(
          20,
          anyTask(c, () => 600),
        );
    }
    expect(pages).toBeGreaterThan(5);
    expect(client.have).toBe((await head(c)).headRev);
    expect(client.messages()).toEqual(await history(c));
  }, 120_000);

  it('of one message only are one change', async () => {
    const c = crypto.randomUUID();
    await messages.save([send(c), send(c)]);
    let n = 0;
    await saveMany(10_000, () => edit(c, 1, { body: `${n++}` }));
    const [page] = await readChanges(messages.sql, [{ id: c, after: 2 }]);
    expect(page).toMatchObject({ after: 2, to: 10_002, headRev: 10_002 });
    expect(page?.changes.map(({ seq, rev, body }) => [seq, rev, body])).toEqual([[1, 10_002, '9999']]);
  }, 60_000);
});
