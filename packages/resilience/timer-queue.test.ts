import { edenGC } from 'bun:jsc';
import { describe, expect, it } from 'bun:test';
import { createTimerQueues } from './timer-queue.ts';

const now = () => performance.now();
/** Resolves by a timer of its own. */
const resolvedAfter = (startTimer: ReturnType<typeof createTimerQueues>, ms: number) =>
  new Promise<void>((resolve) => void startTimer(ms, resolve));

describe('timers of one length', () => {
  it('run in their order, none early', async () => {
    const startTimer = createTimerQueues(now);
    const begun = now();
    const seen: [name: string, isEarly: boolean][] = [];
    const note = (name: string, ms: number) => () => void seen.push([name, now() - begun < ms]);
    startTimer(20, note('20 first', 20));
    startTimer(5, note('5', 5));
    startTimer(20, note('20 second', 20));
    await resolvedAfter(startTimer, 20);
    expect(seen).toEqual([
      ['5', false],
      ['20 first', false],
      ['20 second', false],
    ]);
  });

  it.each([
    ['first', [0]],
    ['middle', [1]],
    ['last', [2]],
    ['first two', [0, 1]],
    ['last two', [2, 1]],
  ])('run but for those that are cancelled: the %s', async (_name, cancelled) => {
    const startTimer = createTimerQueues(now);
    const seen: number[] = [];
    const cancels = [0, 1, 2].map((name) => startTimer(5, () => void seen.push(name)));
    for (const name of cancelled) cancels[name]?.();
    // Twice does no harm.
    for (const name of cancelled) cancels[name]?.();
    await resolvedAfter(startTimer, 5);
    expect(seen).toEqual([0, 1, 2].filter((name) => !cancelled.includes(name)));
  });

  it('run again when all were cancelled', async () => {
    const startTimer = createTimerQueues(now);
    startTimer(5, () => expect.unreachable())();
    await resolvedAfter(startTimer, 5);
  });

  it('are collected when they were cancelled, also those behind one that has grown old', async () => {
    const startTimer = createTimerQueues(now);
    const works: WeakRef<() => void>[] = [];
    const start = () => {
      const work = () => expect.unreachable();
      works.push(new WeakRef(work));
      return startTimer(60_000, work);
    };
    let cancel = start();
    // It survives, so it is old.
    edenGC();
    for (let more = 0; more < 1000; more++) {
      const cancelNext = start();
      cancel();
      cancel = cancelNext;
    }
    cancel();
    await Bun.sleep(1);
    edenGC();
    const kept = works.filter((work) => work.deref() !== undefined).length;
    expect(kept).toBeLessThan(100);
  });

  it('cannot be cancelled when they ran', async () => {
    const startTimer = createTimerQueues(now);
    let cancel = () => {};
    await new Promise<void>((resolve) => {
      cancel = startTimer(5, resolve);
    });
    const next = resolvedAfter(startTimer, 5);
    cancel();
    await next;
  });

  it('set others of the same length, and cancel those behind them', async () => {
    const startTimer = createTimerQueues(now);
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    startTimer(5, () => {
      seen.push('first');
      cancel();
      startTimer(5, resolve);
    });
    const cancel = startTimer(5, () => void seen.push('second'));
    await promise;
    expect(seen).toEqual(['first']);
  });

  it('run at their own time behind one that sets itself again', async () => {
    const startTimer = createTimerQueues(now);
    const { promise, resolve } = Promise.withResolvers<string>();
    let isOver = false;
    const again = () => {
      if (!isOver) startTimer(100, again);
    };
    startTimer(100, again);
    await Bun.sleep(50);
    startTimer(100, () => resolve('in time'));
    await Bun.sleep(50);
    // Behind the time of the other one, and before that of `again`.
    const cancel = startTimer(90, () => resolve('late'));
    expect(await promise).toBe('in time');
    cancel();
    isOver = true;
  });

  it('keep no process alive when they are cancelled, and none back that throws', async () => {
    const script = `
      const { createTimerQueues } = await import(${JSON.stringify(`${import.meta.dir}/timer-queue.ts`)});
      const startTimer = createTimerQueues(() => performance.now());
      process.on('uncaughtException', ({ message }) => console.log(message));
      startTimer(60_000, () => {})();
      startTimer(5, () => { throw new Error('broken'); });
      startTimer(5, () => console.log('next'));
    `;
    const { stdout, exitCode } = Bun.spawnSync([process.execPath, '-e', script], { timeout: 20_000 });
    expect([stdout.toString(), exitCode]).toEqual(['broken\nnext\n', 0]);
  });
});
