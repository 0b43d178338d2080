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

describe('the start of a sign-in', () => {
  it(`S1: of ${starts} no two share a state, nonce, PKCE challenge or cookie, and each is long`, async () => {
    rogue.rogue.asked.length = 0;
    const cookies: string[] = [];
    for (let left = starts; left > 0; left -= 50) {
      const wave = await Promise.all(
        Array.from({ length: 50 }, () => fetch(`${rogue.instance.url}/bff/login`, { redirect: 'manual' })),
      );
      cookies.push(...wave.flatMap((response) => response.headers.getSetCookie()));
    }
    const forms = rogue.rogue.asked.map(({ form }) => form);
    expect(forms.every((form) => form.get('code_challenge_method') === 'S256')).toBe(true);
    const values = {
      state: forms.map((form) => form.get('state')),
      nonce: forms.map((form) => form.get('nonce')),
      challenge: forms.map((form) => form.get('code_challenge')),
      assertion: forms.map((form) => form.get('client_assertion')),
      cookie: cookies.map((cookie) => cookie.split(';')[0]?.split('=')[1] ?? ''),
    };
    for (const [name, found] of Object.entries(values)) {
      expect([name, new Set(found).size]).toEqual([name, starts]);
      // 128 bits in base64url are 22 characters.
      expect([name, found.every((value) => (value?.length ?? 0) >= 22)]).toEqual([name, true]);
    }
    // What the browser carries does not tell what the issuer is asked.
    const asked = new Set(forms.flatMap((form) => [...form.values()]));
    expect(values.cookie.filter((value) => asked.has(value))).toEqual([]);
  }, 60_000);
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
