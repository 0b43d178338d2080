import { describe, expect, it } from 'bun:test';
import { reconnectDelayMs, resendDelayMs } from './backoff.ts';

const most = () => 0.999999;

describe('reconnectDelayMs', () => {
  it('doubles its bound from half a second to 30 s', () => {
    expect(Math.round(reconnectDelayMs(0, most))).toBe(500);
    expect(Math.round(reconnectDelayMs(3, most))).toBe(4000);
    expect(Math.round(reconnectDelayMs(50, most))).toBe(30_000);
  });

  it('takes any time below the bound, so that many come back spread out', () => {
    expect(reconnectDelayMs(9, () => 0)).toBe(0);
    expect(reconnectDelayMs(9, () => 0.5)).toBe(15_000);
  });
});

describe('resendDelayMs', () => {
  it('waits 5, 10, 20, then 30 s, a fifth more or less', () => {
    const middle = [0, 1, 2, 3, 9].map((attempt) => resendDelayMs(attempt, () => 0.5));
    expect(middle).toEqual([5_000, 10_000, 20_000, 30_000, 30_000]);
    expect(resendDelayMs(0, () => 0)).toBe(4_000);
    expect(resendDelayMs(0, most)).toBeCloseTo(6_000, 0);
  });
});
