import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { keepToken } from './kept-token.ts';

const minute = 60_000;
const hour = 60 * minute;

/** An issuer whose tokens are named by the moment in which they were given, and that is away or slow when a test says so. */
const stand = ({ lifeMs = hour, random = 0.5 } = {}) => {
  const clock = fakeClock();
  const issuer = { asked: [] as number[], isAway: false, lifeMs };
  const token = keepToken({
    clock,
    random: () => random,
    fetchToken: async () => {
      issuer.asked.push(clock.now());
      if (issuer.isAway) throw new Error('the issuer is away');
      return { token: `of ${clock.now()}`, expiresInMs: issuer.lifeMs };
    },
  });
  const outcome = () =>
    token.get().then(
      (value) => value,
      (error: Error) => error.message,
    );
  /** When the token that is used now was given. */
  const givenAt = async () => Number((await outcome()).slice('of '.length));
  return { clock, issuer, token, outcome, givenAt };
};

describe('keepToken', () => {
  it.each([0, 0.5, 0.999])(
    'S25: has at least half of the life left at any moment, used or not (jitter %d)',
    async (random) => {
      const { clock, issuer, token, givenAt } = stand({ random });
      await token.get();
      for (let n = 0; n < 10; n++) {
        // Nobody asks for it meanwhile.
        await clock.advance(50 * minute);
        expect(clock.now() - (await givenAt())).toBeLessThanOrEqual(hour / 2);
      }
      // Not more often than it has to be.
      expect(issuer.asked.length).toBeLessThanOrEqual(1 + (500 * minute) / (0.35 * hour));
    },
  );

  it('renews at moments of its own, so that services that started together do not ask together', async () => {
    const [early, late] = [stand({ random: 0 }), stand({ random: 0.999 })];
    for (const { clock, token } of [early, late]) {
      await token.get();
      await clock.advance(hour / 2);
    }
    expect((late.issuer.asked[1] ?? 0) - (early.issuer.asked[1] ?? 0)).toBeGreaterThan(5 * minute);
  });

  it('F39: gives the old token for as long as it lives while the issuer is away, and a new one once it is back', async () => {
    const { clock, issuer, token, outcome, givenAt } = stand();
    await token.get();
    // The worst moment: just before the renewal.
    await clock.advance(0.4 * hour - 1);
    issuer.isAway = true;
    const usable = 0.6 * hour - 3000;
    for (let passed = 0; passed < usable; passed += minute) {
      expect(await outcome()).toBe('of 0');
      await clock.advance(minute);
    }
    await clock.advance(minute);
    expect(await outcome()).toBe('the issuer is away');
    issuer.isAway = false;
    const backAt = clock.now();
    await clock.advance(30_000);
    expect(await givenAt()).toBeGreaterThanOrEqual(backAt);
  });

  it('asks an issuer that is away with growing pauses of at most half a minute, whoever calls meanwhile', async () => {
    const { clock, issuer, token, outcome } = stand();
    await token.get();
    issuer.isAway = true;
    await clock.advance(0.4 * hour);
    for (let second = 0; second < 600; second++) {
      await outcome();
      await clock.advance(1000);
    }
    const pauses = issuer.asked.slice(1).map((at, index, all) => at - (all[index - 1] ?? at));
    expect(pauses.slice(1, 4)).toEqual([750, 1500, 3000]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
    expect(issuer.asked.length).toBeLessThan(40);
  });

  it('asks once for all that wait, and nobody waits while the old one is good', async () => {
    const { clock, issuer, token } = stand();
    const all = await Promise.all(Array.from({ length: 500 }, () => token.get()));
    expect([new Set(all).size, issuer.asked.length]).toEqual([1, 1]);
    issuer.isAway = true;
    await clock.advance(hour);
    issuer.isAway = false;
    const before = issuer.asked.length;
    const later = await Promise.all(Array.from({ length: 500 }, () => token.get()));
    expect([new Set(later), issuer.asked.length]).toEqual([new Set([`of ${hour}`]), before + 1]);
  });

  it('fetches another one in place of one that was refused, once for all who say so', async () => {
    const { clock, issuer, token, outcome } = stand();
    const old = await token.get();
    await clock.advance(minute);
    token.drop(old);
    expect(await outcome()).toBe(`of ${minute}`);
    token.drop(old);
    expect(await outcome()).toBe(`of ${minute}`);
    expect(issuer.asked).toEqual([0, minute]);
  });

  it('does not ask again and again for one that is not refused', async () => {
    const { clock, issuer, token } = stand();
    for (let second = 0; second < 60; second++) {
      token.drop(await token.get());
      await clock.advance(1000);
    }
    expect(issuer.asked.length).toBeWithin(10, 14);
  });

  it('goes on asking for a first token that the issuer did not give', async () => {
    const { clock, issuer, outcome } = stand();
    issuer.isAway = true;
    expect(await outcome()).toBe('the issuer is away');
    issuer.isAway = false;
    await clock.advance(1000);
    expect(issuer.asked.length).toBe(2);
    expect(await outcome()).toBe('of 750');
  });

  it.each([
    ['no time at all', 0, 70],
    ['longer than a timer can wait', 365 * 24 * hour, 1],
  ])('does not ask in a loop for tokens that live %s', async (_life, lifeMs, askedMax) => {
    const { clock, issuer, token } = stand({ lifeMs });
    await token.get();
    await clock.advance(minute);
    expect(issuer.asked.length).toBeLessThanOrEqual(askedMax);
    expect(clock.sleepers()).toBe(1);
  });
});
