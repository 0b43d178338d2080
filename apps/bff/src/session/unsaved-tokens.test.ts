import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';
import { type RogueStand, rogueStand } from '../../testing/rogue-sign-in.ts';
import type { Tokens } from './session.ts';
import { createUnsavedTokens } from './unsaved-tokens.ts';

const tokensOf = (name: string): Tokens => ({
  ...{ accessToken: name, accessExpiresAt: 0, refreshAt: 0, refreshToken: name, idToken: '' },
});

describe('tokens that Redis did not take', () => {
  it('are had for the session and the tokens whose place they take, for ten minutes', () => {
    let now = 0;
    const unsaved = createUnsavedTokens(() => now);
    const [former, next] = ['former', tokensOf('next')];
    unsaved.keep('s', former, next);
    expect(unsaved.successorOf('s', former)).toBe(next);
    expect(unsaved.successorOf('other', former)).toBeUndefined();
    expect(unsaved.successorOf('s', 'next')).toBeUndefined();
    now = 599_999;
    expect(unsaved.successorOf('s', former)).toBe(next);
    now = 600_000;
    expect(unsaved.successorOf('s', former)).toBeUndefined();
    unsaved.keep('s', former, next);
    unsaved.forget('s');
    expect(unsaved.successorOf('s', former)).toBeUndefined();
  });

  it('are a thousand at most: the oldest go first', () => {
    const unsaved = createUnsavedTokens(() => 0);
    const former = 'former';
    for (let count = 0; count <= 1000; count++) unsaved.keep(String(count), former, tokensOf(String(count)));
    expect(unsaved.successorOf('0', former)).toBeUndefined();
    expect(unsaved.successorOf('1', former)?.accessToken).toBe('1');
    expect(unsaved.successorOf('1000', former)?.accessToken).toBe('1000');
  });
});

describe('a session whose Redis takes no writes while its token is renewed', () => {
  let stand: Stand;
  let rogue: RogueStand;
  let offsetMs = 0;
  beforeAll(async () => {
    stand = await startStand({ now: () => Date.now() + offsetMs });
    rogue = await rogueStand(stand);
  }, 60_000);
  afterAll(async () => {
    await stand.stop();
    await rogue.rogue.stop();
  });

  const takesWrites = (isTaking: boolean) => stand.store.config('SET', 'min-replicas-to-write', isTaking ? '0' : '1');
  /** Refresh tokens that were handed in: an issuer that rotates takes each of them once. */
  const handedIn = () =>
    rogue.rogue.asked.map(({ form }) => form.get('refresh_token')).filter((token) => token !== null);
  const ask = async (ann: Browser) => {
    stand.mirror.clear();
    const { status } = await ann.call('GET', '/api/messages/x');
    return { status, token: stand.mirror.seen.at(-1)?.headers.authorization };
  };
  const unlock = async () => {
    const locks = await stand.store.keys('lock:refresh:*');
    if (locks.length > 0) await stand.store.del(...locks);
  };

  it.each([
    ['while they are good', 70_000],
    ['when they must be renewed themselves', 200_000],
  ])('goes on with the tokens that it got, %s', async (_when, laterMs) => {
    const ann = await rogue.signIn({ tokens: { access_token: `a-${laterMs}`, refresh_token: `r-${laterMs}` } });
    const before = handedIn().length;
    rogue.rogue.say({ access_token: `b-${laterMs}`, refresh_token: `s-${laterMs}` });
    rogue.rogue.beforeAnswer(() => takesWrites(false));
    offsetMs = 61_000;
    expect((await ask(ann)).status).toBe(503);
    expect(handedIn().slice(before)).toEqual([`r-${laterMs}`]);

    rogue.rogue.beforeAnswer(async () => undefined);
    rogue.rogue.say({ access_token: `c-${laterMs}`, refresh_token: `t-${laterMs}` });
    await takesWrites(true);
    // Redis would not take that back either; else it lapses after ten seconds.
    await unlock();
    offsetMs = laterMs;
    const isGoodStill = laterMs < 61_000 + 48_000;
    expect(await ask(ann)).toEqual({ status: 200, token: `Bearer ${isGoodStill ? 'b' : 'c'}-${laterMs}` });
    expect(handedIn().slice(before)).toEqual([`r-${laterMs}`, ...(isGoodStill ? [] : [`s-${laterMs}`])]);
    expect(stand.audited('refresh.refused')).toEqual([]);
    offsetMs = 0;
  });
});
