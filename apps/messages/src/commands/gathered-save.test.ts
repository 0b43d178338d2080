import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { bob, send } from '../testing/people.ts';
import { createGatheredSave, type GatheredSave } from './gathered-save.ts';
import type { SaveBatch } from './save-batch.ts';
import type { Outcome } from './task.ts';

let messages: TestMessages;
let sizes: number[];
let gathered: GatheredSave;
let c: string;

beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());
beforeEach(() => {
  sizes = [];
  c = crypto.randomUUID();
  gathered = createGatheredSave({ save: counted, clock: systemClock, batchCommandsMax: 100 });
});

const counted: SaveBatch = (tasks) => {
  sizes.push(tasks.length);
  return messages.save(tasks);
};
const seqOf = ({ answer }: Outcome) => ('ok' in answer && 'seq' in answer.ok ? answer.ok.seq : undefined);

describe('commands over HTTP', () => {
  it('that come while a transaction runs share the next one, in their order', async () => {
    const outcomes = await Promise.all(Array.from({ length: 250 }, () => gathered(send(c))));
    expect(outcomes.map(seqOf)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
    expect(sizes).toEqual([1, 100, 100, 49]);
    expect(gathered.waiting()).toBe(0);
  });

  it('are answered each on its own: a repeat with what was saved, a refusal with its code', async () => {
    const first = send(c, { body: 'a' });
    const [saved, repeated, reused, other] = await Promise.all([
      gathered(first),
      gathered(first),
      gathered({ ...first, body: 'b' }),
      gathered(send(c, { actorId: bob })),
    ]);
    expect([saved, repeated, reused, other].map((outcome) => outcome?.kind)).toEqual([
      'saved',
      'repeated',
      'refused',
      'saved',
    ]);
    expect(repeated?.answer).toEqual(saved?.answer as Outcome['answer']);
  });

  it('do not suffer from one that the database refuses', async () => {
    const bad = send('not a uuid');
    const ends = await Promise.allSettled([
      gathered(send(c)),
      ...Array.from({ length: 20 }, (_, at) => gathered(at === 13 ? bad : send(c))),
    ]);
    expect(ends.flatMap(({ status }, at) => (status === 'rejected' ? [at] : []))).toEqual([14]);
    expect(ends.flatMap((end) => (end.status === 'fulfilled' ? [seqOf(end.value)] : []))).toHaveLength(20);
  });

  it('are refused while too many wait, and when they waited too long; nothing of them is saved then', async () => {
    const clock = fakeClock();
    const held = Promise.withResolvers<void>();
    const slow: SaveBatch = async (tasks) => {
      await held.promise;
      return counted(tasks);
    };
    const save = createGatheredSave({ save: slow, clock, batchCommandsMax: 100 });
    const code = async (outcome: Promise<Outcome>) =>
      outcome.then(
        ({ kind }) => kind,
        ({ code, retryAfterMs }) => `${code} ${retryAfterMs}`,
      );
    const first = code(save(send(c)));
    const waiting = Array.from({ length: 2000 }, () => code(save(send(c))));
    expect(await code(save(send(c)))).toBe('unavailable 1000');
    await clock.advance(4250);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['unavailable 1000']));
    held.resolve();
    expect(await first).toBe('saved');
    expect(await code(save(send(c)))).toBe('saved');
    await eventually(async () => sizes.length === 2);
    expect(sizes).toEqual([1, 1]);
  });
});
