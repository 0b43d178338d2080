import { describe, expect, it } from 'bun:test';
import { type BreakerState, createBreaker, type Verdict } from './breaker.ts';
import { CircuitOpenError } from './errors.ts';
import { fakeClock } from './fake-clock.ts';

function arrange() {
  const clock = fakeClock();
  const states: BreakerState[] = [];
  const onChange = (state: BreakerState) => states.push(state);
  const breaker = createBreaker({ name: 'messages', failuresInRow: 3, halfOpenAfterMs: 1_000, clock, onChange });
  const end = (verdict: Verdict) =>
    breaker.run(
      async () => verdict,
      () => verdict,
    );
  const endTimes = async (times: number, verdict: Verdict) => {
    for (let i = 0; i < times; i++) await end(verdict);
  };
  return { clock, states, breaker, end, endTimes };
}

describe('createBreaker', () => {
  it('opens after failures in a row and then sends nothing', async () => {
    const { breaker, endTimes, end } = arrange();
    await endTimes(3, 'failing');
    expect(breaker.state).toBe('open');
    await expect(end('healthy')).rejects.toBeInstanceOf(CircuitOpenError);
  });

  it('starts counting again after a success, and does not count what says nothing', async () => {
    const { breaker, endTimes } = arrange();
    await endTimes(2, 'failing');
    await endTimes(1, 'healthy');
    await endTimes(2, 'failing');
    await endTimes(5, 'unknown');
    expect(breaker.state).toBe('closed');
    await endTimes(1, 'failing');
    expect(breaker.state).toBe('open');
  });

  it('lets one call through after the rest and closes when that succeeds', async () => {
    const { breaker, states, clock, endTimes, end } = arrange();
    await endTimes(3, 'failing');
    await clock.advance(999);
    await expect(end('healthy')).rejects.toBeInstanceOf(CircuitOpenError);
    await clock.advance(1);
    expect(await end('healthy')).toBe('healthy');
    expect(breaker.state).toBe('closed');
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it.each<Verdict>(['failing', 'unknown'])('rests again when the probe ends %s', async (verdict) => {
    const { breaker, clock, endTimes, end } = arrange();
    await endTimes(3, 'failing');
    await clock.advance(1_000);
    await end(verdict);
    expect(breaker.state).toBe('open');
    await clock.advance(999);
    await expect(end('healthy')).rejects.toBeInstanceOf(CircuitOpenError);
    await clock.advance(1);
    await end('healthy');
    expect(breaker.state).toBe('closed');
  });

  it('refuses others at once while the probe runs', async () => {
    const { breaker, clock, endTimes, end } = arrange();
    await endTimes(3, 'failing');
    await clock.advance(1_000);
    const { promise, resolve } = Promise.withResolvers<string>();
    const probe = breaker.run(
      () => promise,
      () => 'healthy',
    );
    await expect(end('healthy')).rejects.toBeInstanceOf(CircuitOpenError);
    resolve('alive');
    expect(await probe).toBe('alive');
    expect(await end('healthy')).toBe('healthy');
  });

  it('keeps the last failure as the cause of its refusals', async () => {
    const { breaker } = arrange();
    const failure = new Error('connection refused');
    const fail = () =>
      breaker.run(
        () => Promise.reject(failure),
        () => 'failing',
      );
    for (let i = 0; i < 3; i++) await expect(fail()).rejects.toBe(failure);
    await expect(fail()).rejects.toMatchObject({ name: 'CircuitOpenError', code: 'circuit-open', cause: failure });
  });
});
