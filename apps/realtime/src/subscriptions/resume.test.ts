import { describe, expect, it } from 'bun:test';
import type { Resumed } from '@chatapp/contract/frames';
import type { ChangesOf } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';
import { Connection, type SocketData } from '../connection/connection.ts';
import { Person } from '../connection/people.ts';
import { Sessions } from '../sessions/sessions.ts';
import { type Missed, missedKey } from './missed-changes.ts';
import { createResume } from './resume.ts';
import { Served } from './served.ts';

interface Lag {
  readonly c: string;
  /** How many revs there are, of which ann has none. */
  readonly headRev: number;
  /** How many there were when the head was read. */
  readonly headRead?: number;
  /** How many of them are still the state of a message. */
  readonly states?: number;
  /** How many states fit in a page; fewer where texts are long. */
  readonly perPage?: number;
}

const message = (rev: number) => ({ rev, seq: rev, body: 'x' }) as Message;

/**
 * Ann resumes with this `rev` where there are so many; answers what she is told, and what was read for it in each request. `whileRead` happens
 * before the heads come.
 */
const resume = async (lags: readonly Lag[], { rev = 0, whileRead = (_: Served): void => undefined } = {}) => {
  const byId = new Map(lags.map((lag) => [lag.c, lag]));
  const reads: string[][] = [];
  const pageOf = ({ id, after }: Missed): ChangesOf => {
    const { headRev = 0, states = headRev, perPage = limits.changesPageMax } = byId.get(id) ?? {};
    const revs = Array.from({ length: Math.min(states, perPage) }, (_, at) => headRev - states + 1 + at);
    const to = states > perPage ? (revs.at(-1) ?? 0) : headRev;
    return { id, changes: revs.map(message), after, to, headRev };
  };
  const served = new Served();
  const ann = new Person('ann');
  for (const { c } of lags) ann.memberships.set(c, { role: 'member', version: 1 });
  const nothing = { added: [], removed: [] };
  const run = createResume({
    conversations: {
      ...{ read: async () => nothing, ensure: async () => nothing, add: () => new Served().join('', ann) },
      ...{ remove: () => undefined, subscribe: () => undefined, leaveAll: () => undefined },
    },
    tell: () => undefined,
    served,
    heads: {
      read: async () => {
        whileRead(served);
        return new Map(
          lags.map(({ c, headRev, headRead: head = headRev }) => [c, { id: c, headSeq: head, headRev: head }]),
        );
      },
    },
    readMissed: async (missed) => {
      reads.push(missed.map(({ id }) => id));
      return new Map(missed.map((one) => [missedKey(one), pageOf(one)]));
    },
    isListening: () => true,
    onResumed: () => undefined,
    now: () => 0,
  });
  const connection = new Connection('1', ann, new Sessions().of(null, 'ann', 3_600_000), 0);
  const sent: string[] = [];
  connection.socket = { send: (frame: string) => sent.push(frame) } as unknown as Bun.ServerWebSocket<SocketData>;
  await run(connection, { id: 1, op: 'resume', conversations: lags.map(({ c }) => [c, rev]) });
  const { conversations } = (JSON.parse(sent[0] ?? '') as { ok: Resumed }).ok;
  return { reads, told: conversations.map((one) => ('changes' in one ? one.changes.length : 'reset')) };
};

const many = (count: number, lag: Omit<Lag, 'c'>): Lag[] =>
  Array.from({ length: count }, (_, at) => ({ c: `c${at}`, ...lag }));

describe('resume', () => {
  it('reads no more than twice what an answer holds where everything is far behind', async () => {
    const { reads, told } = await resume(many(100, { headRev: 1000 }));
    expect(reads.length).toBeLessThanOrEqual(3);
    expect(told).toEqual(many(100, { headRev: 1000 }).map(() => 'reset'));
  });

  it('reads no more either where long texts end every page', async () => {
    const { reads, told } = await resume(many(100, { headRev: 300, perPage: 20 }));
    expect(reads.length).toBeLessThanOrEqual(3);
    expect(new Set(told)).toEqual(new Set(['reset']));
  });

  it('tells what fits behind what is too far behind', async () => {
    const far = many(50, { headRev: 1000 });
    const near = Array.from({ length: 20 }, (_, at) => ({ c: `near${at}`, headRev: 10 }));
    const { told } = await resume([...far, ...near]);
    expect<unknown[]>(told).toEqual([...far.map(() => 'reset'), ...near.map(() => 10)]);
  });

  it('tells many changes of a few messages as those', async () => {
    const { told } = await resume([{ c: 'c', headRev: 10_000, states: 3 }]);
    expect(told).toEqual([3]);
  });

  it('tells of what a later reading that was answered first let go by', async () => {
    const lag = { c: 'c', headRev: 6, headRead: 5, states: 1 };
    const whileRead = (served: Served) => {
      const { order } = served.join('c', new Person('bob'));
      order.accept(6, 'passed on to nobody');
      expect(order.begin(6)).toEqual([]);
    };
    const { told } = await resume([lag], { rev: 5, whileRead });
    expect(told).toEqual([1]);
  });
});
