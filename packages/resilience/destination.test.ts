import { describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import {
  type CallOptions,
  createDestination,
  type DestinationOptions,
  defaultOptions,
  type ResilienceEvent,
} from './destination.ts';
import { BulkheadFullError, CircuitOpenError, DeadlineError } from './errors.ts';
import { fakeClock } from './fake-clock.ts';
import { LazySignal, type Signal } from './signal.ts';

const broken = new Error('broken');
const hang = () => new Promise<never>(() => undefined);

/** Errors are worth another attempt, values are not. */
const onErrors = <T>(): CallOptions<T> => ({
  idempotent: true,
  retryable: (outcome) => ({ retry: 'error' in outcome }),
});

function arrange(options: Partial<DestinationOptions> = {}) {
  const clock = fakeClock();
  const events: ResilienceEvent[] = [];
  const onEvent = (event: ResilienceEvent) => events.push(event);
  const random = () => 0.5;
  const destination = createDestination({ ...defaultOptions, name: 'messages', clock, random, onEvent, ...options });
  return { clock, events, destination };
}

/** The error or value of a call, after time has run on. */
async function ended<T>(
  call: Promise<T>,
  clock: { advance(ms: number): Promise<void> },
  ms = 60_000,
): Promise<unknown> {
  const outcome = call.catch((error: unknown) => error);
  await clock.advance(ms);
  return outcome;
}

describe('destination.call', () => {
  it('tries again until an attempt succeeds', async () => {
    const { destination, clock, events } = arrange();
    const work = async ({ attempt }: { attempt: number }) => {
      if (attempt < 3) throw broken;
      return attempt;
    };
    expect(await ended(destination.call(work, onErrors()), clock)).toBe(3);
    expect(events).toMatchObject([
      { type: 'retry', attempt: 1, pauseMs: 50, error: broken },
      { type: 'retry', attempt: 2, pauseMs: 100 },
    ]);
  });

  it('ends with the last error after attemptsMax attempts', async () => {
    const { destination, clock } = arrange();
    let attempts = 0;
    const work = () => Promise.reject(new Error(`broken ${++attempts}`));
    expect(await ended(destination.call(work, onErrors()), clock)).toMatchObject({ message: 'broken 4' });
  });

  it('runs what is not idempotent once, unless it never left', async () => {
    const { destination, clock } = arrange();
    let attempts = 0;
    const work = () => Promise.reject(new Error(`broken ${++attempts}`));
    const once: CallOptions<never> = { ...onErrors(), idempotent: false };
    expect(await ended(destination.call(work, once), clock)).toMatchObject({ message: 'broken 1' });
    const unsent: CallOptions<never> = { idempotent: false, retryable: () => ({ retry: true, unsent: true }) };
    expect(await ended(destination.call(work, unsent), clock)).toMatchObject({ message: 'broken 5' });
  });

  it('never runs twice what is not idempotent, however it ends', async () => {
    const endings = fc.array(fc.constantFrom('error', 'value', 'hang', 'abort'), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(endings, async (history) => {
        const { destination, clock } = arrange();
        for (const ending of history) {
          let runs = 0;
          const caller = new AbortController();
          const work = async () => {
            runs++;
            if (ending === 'abort') caller.abort(broken);
            if (ending === 'error') throw broken;
            return ending === 'value' ? 'fine' : await hang();
          };
          const options: CallOptions<string> = {
            idempotent: false,
            signal: caller.signal,
            retryable: () => ({ retry: true }),
          };
          await ended(destination.call(work, options), clock);
          expect(runs).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('gives up an attempt that hangs, tells it so, and tries again', async () => {
    const { destination, clock } = arrange();
    const told: unknown[] = [];
    const work = ({ attempt, signal }: { attempt: number; signal: AbortSignal }) => {
      if (attempt > 1) return Promise.resolve('answer');
      signal.addEventListener('abort', () => told.push(signal.reason));
      return hang();
    };
    expect(await ended(destination.call(work, onErrors()), clock)).toBe('answer');
    expect(told).toMatchObject([{ name: 'DeadlineError', scope: 'attempt' }]);
  });

  it('ends at the deadline whatever the work does, and keeps the last error as its cause', async () => {
    const { destination, clock } = arrange({ deadlineMs: 3_000 });
    const work = ({ attempt }: { attempt: number }) => (attempt === 1 ? Promise.reject(broken) : hang());
    const outcome = ended(destination.call(work, onErrors()), clock, 3_000);
    const error = await outcome;
    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({ scope: 'call', code: 'deadline' });
    expect(clock.now()).toBe(3_000);
    expect(clock.sleepers()).toBe(0);
  });

  it('never takes longer than its deadline, by property', async () => {
    const plans = fc.record({
      deadlineMs: fc.integer({ min: 1, max: 5_000 }),
      attemptTimeoutMs: fc.integer({ min: 1, max: 5_000 }),
      takesMs: fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 4, maxLength: 4 }),
      afterMs: fc.option(fc.integer({ min: 0, max: 6_000 }), { nil: undefined }),
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(plans, async ({ deadlineMs, attemptTimeoutMs, takesMs, afterMs, chance }) => {
        const { destination, clock } = arrange({ deadlineMs, attemptTimeoutMs, random: () => chance });
        const work = async ({ attempt }: { attempt: number }) => {
          await clock.sleep(takesMs[attempt - 1] ?? 0);
          throw broken;
        };
        const decision = { retry: true as const, ...(afterMs === undefined ? {} : { afterMs }) };
        let endedAt = Number.POSITIVE_INFINITY;
        const note = () => {
          endedAt = clock.now();
        };
        destination.call(work, { idempotent: true, retryable: () => decision }).then(note, note);
        await clock.advance(deadlineMs);
        expect(endedAt).toBeLessThanOrEqual(deadlineMs);
      }),
      { numRuns: 80 },
    );
  });

  it('waits at least as long as the destination asks for', async () => {
    const { destination, clock } = arrange();
    const at: number[] = [];
    const work = async () => at.push(clock.now());
    const retryable: CallOptions<number>['retryable'] = (outcome) =>
      'value' in outcome && outcome.value === 1 ? { retry: true, afterMs: 2_000 } : { retry: false };
    await ended(destination.call(work, { idempotent: true, retryable }), clock);
    expect(at).toEqual([0, 2_050]);
  });

  it('answers at once when the destination asks for more time than is left', async () => {
    const { destination, clock, events } = arrange({ deadlineMs: 1_000 });
    const options: CallOptions<string> = { idempotent: true, retryable: () => ({ retry: true, afterMs: 30_000 }) };
    expect(await destination.call(async () => 'busy', options)).toBe('busy');
    expect(clock.now()).toBe(0);
    expect(events).toEqual([{ type: 'retry-refused', destination: 'messages', reason: 'deadline' }]);
  });

  it('keeps the retries of all callers to a fifth of the calls', async () => {
    const { destination, clock, events } = arrange({
      retryBudget: { ratio: 0.2, minimumPerSecond: 0 },
      breaker: { failuresInRow: 10_000, halfOpenAfterMs: 1_000 },
      deadlineMs: 5_000,
    });
    let attempts = 0;
    const work = () => {
      attempts++;
      return Promise.reject(broken);
    };
    const calls = Array.from({ length: 100 }, () => destination.call(work, onErrors()).catch(() => undefined));
    await clock.advance(5_000);
    await Promise.all(calls);
    expect(attempts).toBe(120);
    expect(events.some((event) => event.type === 'retry-refused' && event.reason === 'budget')).toBe(true);
  });

  it('gives an attempt the time that its call asks for', async () => {
    const { destination, clock } = arrange({ attemptTimeoutMs: 1_000, attemptsMax: 1 });
    const running = ended(destination.call(hang, { ...onErrors(), attemptTimeoutMs: 3_000 }), clock, 0);
    const settled = Promise.race([running.then(() => 'ended'), clock.advance(2_999).then(() => 'runs')]);
    expect(await settled).toBe('runs');
    await clock.advance(1);
    expect(await running).toBeInstanceOf(DeadlineError);
  });

  it('discards a value that is tried again and one that comes too late, and no other', async () => {
    const { destination, clock } = arrange({ attemptTimeoutMs: 1_000 });
    const discarded: number[] = [];
    const work = async ({ attempt }: { attempt: number }) => {
      if (attempt === 2) await clock.sleep(1_500);
      return attempt;
    };
    const retryable: CallOptions<number>['retryable'] = (outcome) => ({
      retry: 'value' in outcome && outcome.value === 1,
    });
    const call = destination.call(work, { idempotent: true, retryable, discard: (value) => discarded.push(value) });
    expect(await ended(call, clock)).toBe(3);
    expect(discarded).toEqual([1, 2]);
  });
});

describe('the breaker of a destination', () => {
  it('opens on hung attempts and then refuses without sending', async () => {
    const { destination, clock } = arrange();
    const calls = Array.from({ length: 5 }, () => ended(destination.call(hang, onErrors()), clock, 0));
    await clock.advance(2_100);
    expect(destination.state).toBe('open');
    let sent = false;
    const work = async () => {
      sent = true;
    };
    await expect(destination.call(work, onErrors())).rejects.toBeInstanceOf(CircuitOpenError);
    expect(sent).toBe(false);
    await clock.advance(60_000);
    await Promise.all(calls);
  });

  it('closes by the first call that succeeds after the rest', async () => {
    const { destination, clock, events } = arrange({ attemptsMax: 1 });
    for (let i = 0; i < 5; i++)
      await ended(
        destination.call(() => Promise.reject(broken), onErrors()),
        clock,
        0,
      );
    await clock.advance(500);
    expect(await destination.call(async () => 'back', onErrors())).toBe('back');
    const states = events.filter((event) => event.type === 'circuit').map((event) => event.state);
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('stays closed when callers give up, when nothing is worth a retry and when the destination asks for time', async () => {
    const { destination, clock } = arrange({ attemptsMax: 1 });
    for (let i = 0; i < 10; i++) {
      const caller = new AbortController();
      const aborted = destination.call(hang, { ...onErrors<never>(), signal: caller.signal }).catch((error) => error);
      caller.abort(broken);
      expect(await aborted).toBe(broken);
      await ended(
        destination.call(async () => 'refused', { ...onErrors(), retryable: () => ({ retry: false }) }),
        clock,
        0,
      );
      const busy: CallOptions<string> = { idempotent: true, retryable: () => ({ retry: true, afterMs: 10 }) };
      await ended(
        destination.call(async () => 'busy', busy),
        clock,
        0,
      );
    }
    expect(destination.state).toBe('closed');
  });
});

describe('the bulkhead of a destination', () => {
  it('refuses what is too much and lets who waits go at the deadline', async () => {
    const { destination, clock, events } = arrange({
      concurrencyMax: 1,
      queueMax: 1,
      attemptTimeoutMs: 8_000,
      deadlineMs: 5_000,
    });
    const running = ended(destination.call(hang, onErrors()), clock, 0);
    const waiting = ended(destination.call(hang, onErrors()), clock, 0);
    await expect(destination.call(hang, onErrors())).rejects.toBeInstanceOf(BulkheadFullError);
    await clock.advance(5_000);
    expect(await running).toBeInstanceOf(DeadlineError);
    expect(await waiting).toBeInstanceOf(DeadlineError);
    expect(await destination.call(async () => 'free again', onErrors())).toBe('free again');
    expect(events[0]).toEqual({ type: 'ended', destination: 'messages', code: 'bulkhead-full' });
  });
});

describe('the places of a destination', () => {
  it('are given on when the failure is counted, so that who waited hears of the open circuit', async () => {
    const { destination, clock } = arrange({ concurrencyMax: 5, queueMax: 100, attemptsMax: 1, attemptTimeoutMs: 100 });
    let begun = 0;
    const work = () => {
      begun++;
      return hang();
    };
    const calls = Array.from({ length: 20 }, () => destination.call<never>(work, onErrors()).catch((error) => error));
    await clock.advance(60_000);
    const ends = await Promise.all(calls);
    expect(begun).toBeLessThan(10);
    expect(ends.filter((end) => end instanceof CircuitOpenError).length).toBe(20 - begun);
  });
});

describe('the caller of a destination', () => {
  it('ends a call in the middle of an attempt or of a pause with its own reason', async () => {
    const { destination, clock } = arrange();
    for (const work of [hang, () => Promise.reject(broken)]) {
      const caller = new AbortController();
      const call = destination.call<never>(work, { ...onErrors(), signal: caller.signal }).catch((error) => error);
      await clock.advance(1);
      caller.abort(new Error('gave up'));
      expect(await call).toMatchObject({ message: 'gave up' });
      expect(clock.sleepers()).toBe(0);
    }
  });

  it('is not listened to for as long as the call allows, and is heard then', async () => {
    const { destination, clock } = arrange();
    const caller = new LazySignal();
    const options = { ...onErrors(), signal: caller, unwatchedMs: 50 };
    expect(await destination.call(async () => 1, options)).toBe(1);
    const ended = destination.call<never>(hang, options).catch((error: Error) => error.message);
    await clock.advance(49);
    expect(caller.hasListeners).toBe(false);
    await clock.advance(1);
    expect(caller.hasListeners).toBe(true);
    caller.abort(new Error('gave up'));
    expect(await ended).toBe('gave up');
    expect(clock.sleepers()).toBe(0);
  });

  it('is heard at the end of that time where it gave up within it', async () => {
    const { destination, clock } = arrange();
    const caller = new LazySignal();
    const told = Promise.withResolvers<unknown>();
    const work = ({ ending }: { ending: Signal }) => {
      ending.addEventListener('abort', () => told.resolve(ending.reason));
      return hang();
    };
    const ended = destination.call<never>(work, { ...onErrors(), signal: caller, unwatchedMs: 50 });
    caller.abort(new Error('gave up'));
    expect(await Promise.allSettled([ended, clock.advance(50)])).toMatchObject([
      { reason: { message: 'gave up' } },
      {},
    ]);
    expect(await told.promise).toMatchObject({ message: 'gave up' });
  });

  it('keeps its attempt’s time though it is listened to later', async () => {
    const { destination, clock, events } = arrange({ attemptsMax: 1 });
    const options = { ...onErrors(), signal: new LazySignal(), unwatchedMs: 50, attemptTimeoutMs: 100 };
    const ended = destination.call<never>(hang, options).catch((error) => error);
    await clock.advance(99);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(await ended).toBeInstanceOf(DeadlineError);
  });

  it('ends a value that streams on, which was there before anybody listened', async () => {
    const { destination } = arrange();
    const caller = new LazySignal();
    const told = Promise.withResolvers<unknown>();
    const work = async ({ ending }: { ending: Signal }) => {
      ending.addEventListener('abort', () => told.resolve(ending.reason));
      return 'head';
    };
    const options = { ...onErrors<string>(), signal: caller, unwatchedMs: 50, lasts: () => true };
    expect(await destination.call(work, options)).toBe('head');
    caller.abort(new Error('gave up'));
    expect(await told.promise).toMatchObject({ message: 'gave up' });
  });

  it('starts nothing when it gave up before', async () => {
    const { destination } = arrange();
    let runs = 0;
    const signal = AbortSignal.abort(new Error('gave up'));
    const work = async () => runs++;
    await expect(destination.call(work, { ...onErrors(), signal })).rejects.toThrow('gave up');
    expect(runs).toBe(0);
  });
});

describe('a group', () => {
  const unsent = Object.assign(new Error('refused'), { isUnsent: true });
  const inOrder = (members: readonly string[]) => (avoided: ReadonlySet<string>) =>
    members.find((member) => !avoided.has(member)) ?? members[0] ?? '';
  const group = (members: readonly string[]): CallOptions<string> => ({
    idempotent: false,
    retryable: (outcome) => ({ retry: 'error' in outcome, unsent: 'error' in outcome && outcome.error === unsent }),
    pick: inOrder(members),
  });
  /** Every member works but the dead ones. */
  const workBut =
    (...dead: string[]) =>
    async ({ member }: { member: string }) => {
      if (dead.includes(member)) throw unsent;
      return member;
    };

  it('loses no call to a dead member, however many come at once', async () => {
    const { destination, clock, events } = arrange();
    const calls = Array.from({ length: 500 }, () => destination.call(workBut('a'), group(['a', 'b'])));
    const ended = Promise.all(calls);
    await clock.advance(1);
    expect(new Set(await ended)).toEqual(new Set(['b']));
    expect(events.filter(({ type }) => type === 'circuit')).toMatchObject([{ member: 'a', state: 'open' }]);
    expect(destination.state).toBe('closed');
  });

  it('leaves a member alone whose circuit is open, and has it back when it is well', async () => {
    const { destination, clock } = arrange();
    const asked: string[] = [];
    const call = (...dead: string[]) => {
      const work = (context: { member: string }) => {
        asked.push(context.member);
        return workBut(...dead)(context);
      };
      return ended(destination.call(work, group(['a', 'b'])), clock, 1);
    };
    for (let count = 0; count < 5; count++) await call('a');
    asked.length = 0;
    await call('a');
    expect(asked).toEqual(['b']);
    await clock.advance(500);
    expect(await call()).toBe('a');
    expect(await call()).toBe('a');
  });

  it('refuses where every circuit is open', async () => {
    const { destination, clock } = arrange();
    const call = (...dead: string[]) => destination.call(workBut(...dead), group(['a', 'b']));
    const failed = Promise.allSettled(Array.from({ length: 20 }, () => call('a', 'b')));
    await clock.advance(400);
    await failed;
    expect(destination.state).toBe('open');
    expect(await ended(call(), clock, 1)).toBeInstanceOf(CircuitOpenError);
    await clock.advance(100);
    expect(await ended(call(), clock, 1)).toBe('a');
  });

  it('does not wait for one member because another asked to be left alone', async () => {
    const { destination, clock } = arrange();
    const work = async ({ member }: { member: string }) => {
      if (member === 'a') throw broken;
      return member;
    };
    const options: CallOptions<string> = {
      idempotent: true,
      retryable: (outcome) => ('error' in outcome ? { retry: true, afterMs: 5000 } : { retry: false }),
      pick: inOrder(['a', 'b']),
    };
    expect(await ended(destination.call(work, options), clock, 200)).toBe('b');
  });

  it('remembers no more members than there may be', async () => {
    const { destination, clock } = arrange();
    const dead = Array.from({ length: 300 }, (_, at) => `m${at}`);
    for (const member of dead) {
      const failed = Promise.all(
        Array.from({ length: 5 }, () => destination.call(workBut(...dead), group([member])).catch(() => undefined)),
      );
      await clock.advance(10_000);
      await failed;
    }
    // The first one's circuit was forgotten with it.
    expect(await destination.call(workBut(), group(['m0']))).toBe('m0');
  });
});
