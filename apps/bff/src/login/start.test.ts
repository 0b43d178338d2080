import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type Stand, startStand } from '../../testing/harness.ts';
import { type RogueStand, rogueStand } from '../../testing/rogue-sign-in.ts';
import { returnUrl } from './return-to.ts';

let stand: Stand;
let rogue: RogueStand;
beforeAll(async () => {
  stand = await startStand();
  rogue = await rogueStand(stand, { SIGN_INS_PER_MINUTE: '10000', ADDRESS_REQUESTS_PER_MINUTE: '100000' });
}, 60_000);
afterAll(async () => {
  await stand.stop();
  await rogue.rogue.stop();
});

const starts = 1000;

/** RFC 7636 §4.2. */
const challengeOf = (verifier: string) => new Bun.CryptoHasher('sha256').update(verifier).digest('base64url');

describe('the start of a sign-in', () => {
  it(`S1: of ${starts} no two share a state, nonce, PKCE verifier or cookie, and each is of 128 bits or more`, async () => {
    rogue.rogue.asked.length = 0;
    // Every code is refused: what counts is what comes with it.
    rogue.rogue.say({ status: 400, error: 'invalid_grant' });
    const cookies: string[] = [];
    for (let left = starts; left > 0; left -= 50) {
      const wave = await Promise.all(
        Array.from({ length: 50 }, async () => {
          const begun = await fetch(`${rogue.instance.url}/bff/login`, { redirect: 'manual' });
          const [cookie = ''] = begun.headers.getSetCookie();
          return cookie.split(';')[0] ?? '';
        }),
      );
      cookies.push(...wave);
    }
    const begun = rogue.rogue.asked.map(({ form }) => form);
    expect(begun.every((form) => form.get('code_challenge_method') === 'S256')).toBe(true);
    const states = begun.map((form) => form.get('state') ?? '');

    rogue.rogue.asked.length = 0;
    for (let at = 0; at < starts; at += 50) {
      const answers = states.slice(at, at + 50).map(async (state) => {
        // The name of a sign-in's cookie begins like its state.
        const cookie = cookies.filter((one) => one.split('=')[0]?.endsWith(state.slice(0, 10))).join('; ');
        const query = new URLSearchParams({ code: 'code', state, iss: rogue.rogue.issuer });
        return await fetch(`${rogue.instance.url}/bff/callback?${query}`, { headers: { cookie } });
      });
      for (const answer of await Promise.all(answers)) expect(answer.status).toBe(400);
    }
    const redeemed = rogue.rogue.asked.map(({ form }) => form);
    const values = {
      state: states,
      nonce: begun.map((form) => form.get('nonce') ?? ''),
      verifier: redeemed.map((form) => form.get('code_verifier') ?? ''),
      assertion: [...begun, ...redeemed].map((form) => form.get('client_assertion') ?? ''),
      cookie: cookies.map((cookie) => cookie.split('=')[1] ?? ''),
    };
    for (const [name, found] of Object.entries(values)) {
      expect([name, new Set(found).size]).toEqual([name, name === 'assertion' ? 2 * starts : starts]);
      // 128 bits in base64url are 22 characters.
      expect([name, found.filter((value) => value.length < 22)]).toEqual([name, []]);
    }
    // Each verifier is the one to a challenge that was told, and none was told before its time.
    const challenges = begun.map((form) => form.get('code_challenge') ?? '');
    expect(values.verifier.map(challengeOf).sort()).toEqual(challenges.sort());
    // What the browser carries does not tell what the issuer is asked.
    const told = new Set([...begun, ...redeemed].flatMap((form) => [...form.values()]));
    expect(values.cookie.filter((value) => told.has(value))).toEqual([]);
    expect(await stand.store.keys('session:*')).toEqual([]);
  }, 60_000);
});

describe('the end of a sign-in', () => {
  const ended = async (claims: (told: URLSearchParams) => Record<string, unknown>) => {
    const { cookies, told } = await rogue.start();
    rogue.rogue.say({ id_token: await rogue.rogue.sign({ name: 'Ann', ...claims(told) }) });
    const before = await stand.store.keys('session:*');
    const answer = await rogue.finish(cookies, told.get('state') ?? '');
    const began = (await stand.store.keys('session:*')).length - before.length;
    return { status: answer.status, cookies: answer.headers.getSetCookie(), began };
  };

  it('S1: makes no session of an ID token with the nonce of another sign-in, or with none', async () => {
    const { told: other } = await rogue.start();
    for (const nonce of [other.get('nonce'), 'x', undefined]) {
      const claims = nonce === undefined ? () => ({}) : () => ({ nonce });
      expect([nonce, await ended(claims)]).toEqual([nonce, { status: 400, cookies: [], began: 0 }]);
    }
    // One of this sign-in: it was the nonce.
    const good = await ended((told) => ({ nonce: told.get('nonce') }));
    expect([good.status, good.cookies.length > 0, good.began > 0]).toEqual([303, true, true]);
  });
});

describe('returnTo', () => {
  const elsewhere = [
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    'https://evil.example',
    'HTTPS://evil.example',
    'https:evil.example',
    'http:/evil.example',
    'http:\\\\evil.example',
    '//evil.example\\@localhost',
    '//localhost@evil.example',
    'https://localhost@evil.example',
    '/\t/evil.example',
    '/\r\n/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/\u0000/evil.example',
    '/\u007f/evil.example',
    '/x\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://evil.example/x',
    '@evil.example',
    '.evil.example',
    ':1@evil.example',
    'evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/./\\evil.example',
    '/%2e%2e//evil.example',
    '/%2E//evil.example',
    '\u2028//evil.example',
    '',
    '?x',
    '#x',
    '/bff/logout',
    '/bff/login?returnTo=/x',
    '/api/messages/x',
    '/realtime',
    '/internal/sessions',
  ];
  /** They look bad and are paths of ours. */
  const own = [
    '/%2f%2fevil.example',
    '/%5cevil.example',
    '/c/1?next=//evil.example',
    '/@evil.example',
    '/;@evil.example',
    '/c/1#//evil.example',
    '/é',
  ];

  it('S5: goes on to pages of ours only, after a whole sign-in', async () => {
    expect(elsewhere.length).toBeGreaterThanOrEqual(40);
    for (const path of elsewhere) {
      const { landed, landedAt } = await rogue.signIn({ returnTo: path });
      expect([path, landed.status, landedAt]).toEqual([path, 303, `${stand.url}/`]);
    }
    for (const path of own) {
      const { landedAt } = await rogue.signIn({ returnTo: path });
      expect([path, new URL(landedAt).origin]).toEqual([path, stand.url]);
    }
    expect((await rogue.signIn({ returnTo: '/c/1?m=2#x' })).landedAt).toBe(`${stand.url}/c/1?m=2#x`);
  }, 30_000);

  it('S5: is judged without a sign-in too', () => {
    for (const path of elsewhere) expect([path, returnUrl(path, stand.url)]).toEqual([path, `${stand.url}/`]);
    expect(returnUrl(undefined, stand.url)).toBe(`${stand.url}/`);
  });
});
