import { beforeEach, describe, expect, it } from 'bun:test';
import type { Access } from '@chatapp/contract/http-conversations';
import { added, gone, roleChanged } from '../testing/events.ts';
import { ann, bob } from '../testing/people.ts';
import { type AccessCache, createAccessCache } from './access.ts';

let answers: (Access | undefined | Error)[];
let asked: number;
let now: number;
let isReading: boolean;
let access: AccessCache;
/** Called while conversations is being asked. */
let meanwhile: (() => void) | undefined;
const [c, elsewhere] = [crypto.randomUUID(), crypto.randomUUID()];
const member = (version: number): Access => ({ role: 'member', version });

beforeEach(() => {
  [answers, asked, now, isReading, meanwhile] = [[], 0, 1_000_000, true, undefined];
  access = createAccessCache({
    ask: async () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      asked++;
      await Promise.resolve();
      meanwhile?.();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    readsEvents: () => isReading,
    now: () => now,
    keepMs: 60_000,
  });
});

describe('access', () => {
  it('is asked for once in a minute', async () => {
    answers = [member(1)];
    expect(await access.of(c, ann)).toEqual(member(1));
    now += 59_999;
    await access.of(c, ann);
    expect(asked).toBe(1);
    now += 2;
    await access.of(c, ann);
    expect(asked).toBe(2);
  });

  it('is kept for each person apart', async () => {
    answers = [member(1), undefined];
    expect(await access.of(c, ann)).toEqual(member(1));
    expect(await access.of(c, bob)).toBeUndefined();
  });

  it('that is absent is kept for three seconds', async () => {
    answers = [undefined, member(1)];
    expect(await access.of(c, ann)).toBeUndefined();
    now += 2999;
    expect(await access.of(c, ann)).toBeUndefined();
    now += 2;
    expect(await access.of(c, ann)).toEqual(member(1));
  });

  it('is asked for once by many at the same time', async () => {
    answers = [member(1)];
    await Promise.all(Array.from({ length: 5 }, () => access.of(c, ann)));
    expect(asked).toBe(1);
  });

  it('is asked for again after an event', async () => {
    answers = [member(1), undefined];
    await access.of(c, ann);
    access.observe(gone(c, 'member.removed', 2));
    expect(await access.of(c, ann)).toBeUndefined();
    expect(asked).toBe(2);
  });

  it('from below an event’s version is asked for again, and never kept', async () => {
    access.observe(roleChanged(c, 'viewer', 'member', 5));
    answers = [member(4), { role: 'viewer', version: 5 }];
    expect(await access.of(c, ann)).toEqual({ role: 'viewer', version: 5 });
    expect(asked).toBe(2);
    answers = [member(4)];
    now += 60_001;
    await access.of(c, ann);
    expect(asked).toBe(3);
  });

  it('that stays below an event’s version is answered to nobody: a removed person reads no more', async () => {
    answers = [member(1)];
    await access.of(c, bob);
    access.observe(gone(c, 'member.removed', 2));
    for (const answered of [access.of(c, bob), access.fresh(c, bob)]) {
      expect(await answered.catch(({ code }) => code)).toBe('unavailable');
    }
    expect(asked).toBe(4);
    answers = [undefined];
    expect(await access.of(c, bob)).toBeUndefined();
  });

  it('that is absent is asked for again where an event came meanwhile', async () => {
    answers = [undefined, member(2)];
    meanwhile = () => {
      access.observe(added(c, { version: 2 }));
      meanwhile = undefined;
    };
    expect(await access.of(c, bob)).toEqual(member(2));
  });

  it('that is absent stays so where events of other conversations come all the time, and is kept as ever', async () => {
    let version = 1;
    access.observe(added(c, { version: 5 }));
    answers = [undefined];
    meanwhile = () => access.observe(added(elsewhere, { version: ++version }));
    expect(await access.of(c, bob)).toBeUndefined();
    expect(await access.of(c, bob)).toBeUndefined();
    expect(asked).toBe(1);
  });

  it('that is absent is not known where its own events come faster than answers', async () => {
    let version = 5;
    answers = [undefined];
    meanwhile = () => access.observe(added(c, { version: ++version }));
    expect(await access.of(c, bob).catch(({ code }) => code)).toBe('unavailable');
    meanwhile = undefined;
    expect(await access.of(c, bob)).toBeUndefined();
  });

  it('that was asked for before an event is not kept after it', async () => {
    answers = [member(1), { role: 'viewer', version: 2 }];
    meanwhile = () => {
      access.observe(roleChanged(c, 'viewer', 'member', 2));
      meanwhile = undefined;
    };
    expect(await access.of(c, bob)).toEqual({ role: 'viewer', version: 2 });
  });

  it('is not kept at all while events are not being read', async () => {
    answers = [member(1)];
    await access.of(c, ann);
    isReading = false;
    await access.of(c, ann);
    await access.of(c, ann);
    expect(asked).toBe(3);
  });

  it('fails where it cannot be known, and is asked for the next time', async () => {
    answers = [new Error('away'), member(1)];
    await expect(access.of(c, ann)).rejects.toThrow('away');
    expect(await access.of(c, ann)).toEqual(member(1));
  });

  it('is forgotten when the stream of events was lost', async () => {
    answers = [member(1)];
    await access.of(c, ann);
    access.forgetAll();
    await access.of(c, ann);
    expect(asked).toBe(2);
  });

  it('remembers the versions of the last hundred thousand conversations, however many have events', async () => {
    access.observe(roleChanged(c, 'viewer', 'member', 5));
    for (let n = 0; n < 100_000; n++) access.observe(roleChanged(crypto.randomUUID(), 'viewer', 'member', 5));
    access.observe(roleChanged(elsewhere, 'viewer', 'member', 5));
    answers = [member(4)];
    expect(await access.of(c, ann)).toEqual(member(4));
    expect(await access.of(elsewhere, ann).catch(({ code }) => code)).toBe('unavailable');
  });

  it('is held to the version of a conversation that had an event again, though its first was long ago', async () => {
    access.observe(roleChanged(c, 'viewer', 'member', 5));
    for (let n = 0; n < 60_000; n++) access.observe(roleChanged(crypto.randomUUID(), 'viewer', 'member', 5));
    access.observe(roleChanged(c, 'viewer', 'member', 6));
    for (let n = 0; n < 60_000; n++) access.observe(roleChanged(crypto.randomUUID(), 'viewer', 'member', 5));
    answers = [member(5), member(6)];
    expect(await access.of(c, ann)).toEqual(member(6));
  });

  it('is held to a version also where floors beside it have run out', async () => {
    access.observe(roleChanged(elsewhere, 'viewer', 'member', 5));
    now += 30_000;
    access.observe(roleChanged(c, 'viewer', 'member', 5));
    now += 31_000;
    access.observe(roleChanged(crypto.randomUUID(), 'viewer', 'member', 5));
    answers = [member(4)];
    expect(await access.of(c, ann).catch(({ code }) => code)).toBe('unavailable');
    expect(await access.of(elsewhere, ann)).toEqual(member(4));
  });
});
