import { describe, expect, it } from 'bun:test';
import { Bucket } from './bucket.ts';

describe('Bucket', () => {
  const rule = { burst: 20, perSecond: 2 };

  it('gives the burst at once and then says how long to wait', () => {
    const bucket = new Bucket(rule, 0);
    for (let count = 0; count < 20; count++) expect(bucket.take(0)).toBe(0);
    expect(bucket.take(0)).toBe(500);
    expect(bucket.take(499)).toBe(1);
    expect(bucket.take(500)).toBe(0);
  });

  it('gives no more than the rate over a minute, plus the burst', () => {
    const bucket = new Bucket(rule, 0);
    let given = 0;
    for (let now = 0; now <= 60_000; now += 10) if (bucket.take(now) === 0) given++;
    expect(given).toBeGreaterThanOrEqual(139);
    expect(given).toBeLessThanOrEqual(140);
  });
});
