import { describe, expect, it } from 'bun:test';
import type { ChangesOf } from '@chatapp/contract/http-messages';
import type { Message } from '@chatapp/contract/shapes';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { Person } from '../connection/people.ts';
import { createHeads } from './heads.ts';
import { createHoles } from './holes.ts';
import type { ChangesAsk } from './messages.ts';
import { Served } from './served.ts';

const setUp = () => {
  const clock = fakeClock();
  /** The head of each conversation as the database has it; undefined: it does not answer. */
  const database: { heads: Map<string, number> | undefined; perAnswerMax: number; whileRead?: () => void } = {
    heads: new Map(),
    perAnswerMax: Number.POSITIVE_INFINITY,
  };
  const asked: ChangesAsk[][] = [];
  const asks = { heads: 0 };
  const sent: unknown[] = [];
  const served = new Served();
  const headOf = (id: string) => {
    if (database.heads === undefined) throw new Error('messages are down');
    return database.heads.get(id) ?? 0;
  };
  const messages = {
    heads: async (ids: readonly string[]) => {
      asks.heads++;
      const answer = ids.map((id) => ({ id, headSeq: headOf(id), headRev: headOf(id) }));
      database.whileRead?.();
      return answer;
    },
    changes: async (asks: readonly ChangesAsk[]): Promise<ChangesOf[]> => {
      asked.push([...asks]);
      let total = 0;
      return asks.map(({ id, after }, place) => {
        const most = Math.max(0, Math.min(3, headOf(id) - after));
        total += most;
        // As messages does: what the answer has no room for comes back empty, with its head.
        const to = place > 0 && total > database.perAnswerMax ? after : after + most;
        const changes = Array.from({ length: to - after }, (_, index) => ({ rev: after + 1 + index }) as Message);
        return { id, changes, after, to, headRev: headOf(id) };
      });
    },
  };
  const passOn = (_: unknown, frames: readonly string[]) => sent.push(...frames.map((frame) => JSON.parse(frame)));
  const holes = createHoles({ messages, passOn, clock, log: silentLog(), filled: { add: () => undefined } });
  const heads = createHeads({ served, messages, holes, passOn, clock, random: () => 0.5, log: silentLog() });
  const ann = new Person('ann');
  return { clock, database, asked, asks, sent, served, heads, holes, join: (id: string) => served.join(id, ann) };
};

const frame = (rev: number) => JSON.stringify({ rev });

describe('createHoles', () => {
  it('waits 50 ms for a change before it fetches', async () => {
    const { clock, asked, holes, join } = setUp();
    const conversation = join('c');
    conversation.order.begin(1);
    conversation.order.accept(3, frame(3));
    holes.note(conversation);
    await clock.advance(49);
    conversation.order.accept(2, frame(2));
    await clock.advance(1000);
    expect(asked).toEqual([]);
  });

  it('fetches the holes of all conversations with one request and hands on what waited', async () => {
    const { clock, database, asked, sent, holes, join } = setUp();
    for (const id of ['c', 'd']) {
      database.heads?.set(id, 3);
      const conversation = join(id);
      conversation.order.begin(1);
      conversation.order.accept(4, frame(4));
      holes.note(conversation);
    }
    await clock.advance(50);
    expect(asked).toEqual([
      [
        { id: 'c', after: 1 },
        { id: 'd', after: 1 },
      ],
    ]);
    const changes = [{ rev: 2 }, { rev: 3 }];
    expect(sent).toEqual([
      { e: 'changes', c: 'c', after: 1, to: 3, changes },
      { rev: 4 },
      { e: 'changes', c: 'd', after: 1, to: 3, changes },
      { rev: 4 },
    ]);
  });

  it('reads on where a page was cut, and again where messages did not answer', async () => {
    const { clock, database, sent, holes, join } = setUp();
    const heads = new Map([['c', 8]]);
    database.heads = undefined;
    const conversation = join('c');
    conversation.order.begin(1);
    conversation.order.expect(8);
    holes.note(conversation);
    await clock.advance(500);
    database.heads = heads;
    await clock.advance(3000);
    expect(conversation.order.position).toBe(8);
    expect(sent.map((push) => (push as { to: number }).to)).toEqual([4, 7, 8]);
  });

  it('reads on where an answer had no room for a conversation, however often', async () => {
    const { clock, database, holes, join } = setUp();
    database.perAnswerMax = 6;
    const conversations = Array.from({ length: 30 }, (_, place) => join(`c${place}`));
    for (const conversation of conversations) {
      database.heads?.set(conversation.id, 9);
      conversation.order.begin(0);
      conversation.order.expect(9);
      holes.note(conversation);
    }
    await clock.advance(10_000);
    expect(conversations.map(({ order }) => order.position)).toEqual(conversations.map(() => 9));
  });

  it('does not keep one waiting behind many that cannot be filled', async () => {
    const { clock, database, holes, join } = setUp();
    for (let place = 0; place < 50; place++) {
      const conversation = join(`empty${place}`);
      conversation.order.begin(0);
      conversation.order.expect(9);
      holes.note(conversation);
    }
    const conversation = join('c');
    database.heads?.set('c', 3);
    conversation.order.begin(0);
    conversation.order.expect(3);
    holes.note(conversation);
    await clock.advance(200);
    expect(conversation.order.position).toBe(3);
  });

  it('gives up on a change that the database does not have, and goes on with those that come', async () => {
    const { clock, database, asked, holes, join } = setUp();
    database.heads?.set('c', 1);
    const conversation = join('c');
    conversation.order.begin(1);
    conversation.order.accept(90, frame(90));
    holes.note(conversation);
    await clock.advance(60_000);
    expect(asked).toHaveLength(10);
    expect(conversation.order.isMissing).toBe(false);
    expect(conversation.order.accept(2, frame(2))).toEqual([frame(2)]);
  });
});

describe('createHeads', () => {
  it('answers readers of the same moment with one request and gives conversations their position', async () => {
    const { clock, database, heads, join } = setUp();
    database.heads?.set('c', 5);
    const conversation = join('c');
    const answers = Promise.all([heads.read(['c']), heads.read(['c', 'd'])]);
    await clock.advance(4);
    const [one, other] = await answers;
    expect(one).toBe(other);
    expect(conversation.order.position).toBe(5);
  });

  it('finds a last change that was never seen', async () => {
    const { clock, database, heads, sent, join } = setUp();
    const conversation = join('c');
    conversation.order.begin(4);
    database.heads?.set('c', 5);
    heads.read(['c']);
    await clock.advance(60);
    expect(sent).toEqual([{ e: 'changes', c: 'c', after: 4, to: 5, changes: [{ rev: 5 }] }]);
  });

  it('reads those of all served conversations until messages answers, one reading at a time', async () => {
    const { clock, database, heads, sent, join, asks } = setUp();
    const conversation = join('c');
    conversation.order.begin(4);
    database.heads = undefined;
    let isRead = false;
    heads.readServed().then(() => {
      isRead = true;
    });
    await clock.advance(60_000);
    expect([isRead, asks.heads]).toEqual([false, expect.any(Number)]);
    // Half of 0.5 s, then of twice as much each time, up to 5 s.
    expect(asks.heads).toBeGreaterThan(20);
    expect(asks.heads).toBeLessThan(30);
    const before = asks.heads;
    for (let again = 0; again < 10; again++) void heads.readServed();
    database.heads = new Map([['c', 5]]);
    await clock.advance(2600);
    expect(isRead).toBe(true);
    expect(asks.heads).toBe(before + 1);
    expect(sent).toEqual([{ e: 'changes', c: 'c', after: 4, to: 5, changes: [{ rev: 5 }] }]);
  });

  it('reads them again where that was asked for while they were being read', async () => {
    const { clock, database, heads, join, asks } = setUp();
    join('c').order.begin(4);
    database.heads = new Map([['c', 4]]);
    database.whileRead = () => {
      if (asks.heads === 1) void heads.readServed();
    };
    const read = heads.readServed();
    await clock.advance(20);
    await read;
    expect(asks.heads).toBe(2);
  });

  it('begins again where the head went back, but not where a change came while it asked', async () => {
    const { clock, database, heads, join } = setUp();
    const lost = join('lost');
    const busy = join('busy');
    lost.order.begin(9);
    busy.order.begin(4);
    database.heads = new Map([
      ['lost', 3],
      ['busy', 4],
    ]);
    database.whileRead = () => busy.order.accept(5, frame(5));
    heads.read(['lost', 'busy']);
    await clock.advance(4);
    expect(lost.order.position).toBeUndefined();
    expect(busy.order.position).toBe(5);
  });
});
