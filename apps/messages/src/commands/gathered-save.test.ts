import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { ChaosProxy } from '../../../../chaos/proxy/proxy.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { bob, send } from '../testing/people.ts';
import { createBury, createBuryBeside, createBuryCommand } from './bury.ts';
import { listDead } from './dead-letter-store.ts';
import { createGatheredSave, type GatheredSave } from './gathered-save.ts';
import type { SaveBatch } from './save-batch.ts';
import type { Outcome } from './task.ts';

let messages: TestMessages;
let sizes: number[];
let announced: Outcome[];
let gathered: GatheredSave;
let c: string;

beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());
beforeEach(() => {
  [sizes, announced] = [[], []];
  c = crypto.randomUUID();
  gathered = createGatheredSave({ ...parts, save: counted, clock: systemClock });
});

const parts = {
  announcer: { announce: async (outcomes: readonly Outcome[]) => void announced.push(...outcomes) },
  bury: async () => undefined,
  ...{ random: Math.random, log: silentLog(), batchCommandsMax: 100 },
};
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

  it('are refused while too many wait, and when they waited too long; nothing of them is saved then', async () => {
    const clock = fakeClock();
    const held = Promise.withResolvers<void>();
    const slow: SaveBatch = async (tasks) => {
      await held.promise;
      return counted(tasks);
    };
    const save = createGatheredSave({ ...parts, save: slow, clock });
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

  it('are answered `unavailable` while their transaction hangs, and found as repeats by whoever asks again', async () => {
    const clock = fakeClock();
    const held = Promise.withResolvers<void>();
    const hanging: SaveBatch = async (tasks) => {
      const outcomes = await counted(tasks);
      await held.promise;
      return outcomes;
    };
    const save = createGatheredSave({ ...parts, save: hanging, clock });
    const command = send(c);
    const answer = save(command).catch(({ code }) => code);
    await clock.advance(10_000);
    expect(await answer).toBe('unavailable');
    held.resolve();
    expect((await save(command)).kind).toBe('repeated');
  });

  it('are told of once, as one batch in their order', async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => gathered(send(c))));
    expect(announced).toEqual(outcomes);
  });

  it('are told of also where nobody waits for them any more', async () => {
    const clock = fakeClock();
    const held = Promise.withResolvers<void>();
    const late: SaveBatch = async (tasks) => {
      await held.promise;
      return counted(tasks);
    };
    const save = createGatheredSave({ ...parts, save: late, clock });
    const command = send(c);
    const answer = save(command).catch(({ code }) => code);
    await clock.advance(10_000);
    expect(await answer).toBe('unavailable');
    expect(announced).toEqual([]);
    held.resolve();
    await eventually(() => announced.length > 0);
    expect(announced.map(({ kind, task }) => [kind, task])).toEqual([['saved', command]]);
  });

  it('are answered and told of where they are saved, though what is left of their batch meets trouble', async () => {
    const [first, good, stuck, late, bad] = [send(c), send(c), send(c), send(c), send('not a uuid')];
    const save: SaveBatch = async (tasks) => {
      if (tasks.includes(stuck) && !tasks.includes(bad)) throw Object.assign(new Error('locked'), { code: '55P03' });
      return await messages.save(tasks);
    };
    const gathered = createGatheredSave({ ...parts, save, clock: systemClock });
    // The first one is in hand while the others come, which share a batch.
    const answers = [first, good, bad, stuck, late].map((task) =>
      gathered(task).then(
        ({ kind, answer }) => ('error' in answer ? answer.error.code : kind),
        ({ code }) => code,
      ),
    );
    expect(await Promise.all(answers)).toEqual(['saved', 'saved', 'internal', 'unavailable', 'unavailable']);
    expect(announced.filter(({ kind }) => kind === 'saved').map(({ task }) => task)).toEqual([first, good]);
  });
});

describe('a command over HTTP that the database refuses', () => {
  const redis = redisForTests();
  let proxy: ChaosProxy;
  let counted: number;
  let tries: number;
  let gathered: GatheredSave;
  const bad = send('not a uuid');
  const internal = { error: { code: 'internal', temporary: false } };

  beforeEach(async () => {
    [counted, tries] = [0, 0];
    await redis.client.flushall();
    const { hostname, port } = new URL(redis.url);
    proxy = new ChaosProxy({ targets: [{ hostname, port: Number(port) }] });
    const through = connectRedis({ url: `redis://127.0.0.1:${proxy.port}`, role: 'commands', log: silentLog() });
    await redisReady(through);
    opened.push(async () => {
      through.disconnect();
      proxy.stop();
    });
    const save: SaveBatch = (tasks) => {
      if (tasks.length === 1 && tasks[0] === bad) tries++;
      return messages.save(tasks);
    };
    const burying = { redis: through, dead: { add: () => counted++ }, log: silentLog() };
    const bury = createBuryBeside(createBuryCommand(createBury(burying)), burying);
    gathered = createGatheredSave({ ...parts, save, bury, clock: systemClock });
  });
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });

  const sendAround = () =>
    Promise.all([gathered(send(c)), ...Array.from({ length: 20 }, (_, at) => gathered(at === 13 ? bad : send(c)))]);
  const expectOnlyBadRefused = (outcomes: readonly Outcome[]) => {
    expect(outcomes[14]?.answer as unknown).toEqual(internal);
    expect(outcomes.flatMap((outcome) => seqOf(outcome) ?? [])).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  };

  it('is split from the others, tried five times, set aside with its reason, counted, and answered for good', async () => {
    expectOnlyBadRefused(await sendAround());
    expect(tries).toBe(5);
    const letters = await eventually(async () => {
      const found = await listDead(redis.client, 'commands');
      return found.length > 0 && found;
    });
    expect(letters.map(({ reason, payload }) => [reason, JSON.parse(payload)])).toEqual([
      ['database error 22P02', { ...bad }],
    ]);
    await eventually(() => counted === 1);
  });

  it('is answered all the same, and counted, while Redis swallows everything', async () => {
    proxy.set({ blackHole: true });
    expectOnlyBadRefused(await sendAround());
    // Redis has not been waited for.
    expect(counted).toBe(0);
    await eventually(() => counted === 1);
    expect(await listDead(redis.client, 'commands')).toEqual([]);
  });
});
