import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let strict: Instance;
let ann: Browser;
beforeAll(async () => {
  stand = await startStand();
  ann = await stand.signIn('ann');
  strict = await stand.another({ SIGN_INS_PER_MINUTE: '1' });
  await fetch(`${strict.url}/bff/login`, { redirect: 'manual' });
}, 60_000);
afterAll(() => stand.stop());

/** What a browser sends that is led somewhere. */
const navigation = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('a navigation that fails', () => {
  const cases: [name: string, code: string, status: number, open: (accept: string) => Promise<Response>][] = [
    [
      'a callback of no sign-in',
      'login-failed',
      400,
      (accept) => fetch(`${stand.url}/bff/callback?state=x&code=x`, { headers: { accept } }),
    ],
    [
      'a link for signing out that is over',
      'malformed',
      400,
      (accept) => ann.call('GET', '/bff/logout?sid=x', { headers: { accept } }),
    ],
    [
      'one sign-in too many',
      'rate-limited',
      429,
      (accept) => fetch(`${strict.url}/bff/login`, { headers: { accept } }),
    ],
  ];

  it.each(cases)('is a page to a browser: %s', async (_, code, status, open) => {
    const response = await open(navigation);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain(`<small>${code}</small>`);
    expect([response.headers.get('vary'), response.headers.has('retry-after')]).toEqual(['accept', status === 429]);
  });

  it.each(cases)('is a problem to everybody else: %s', async (_, code, status, open) => {
    for (const accept of ['*/*', 'application/json, application/problem+json']) {
      const response = await open(accept);
      expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
      expect(await response.json()).toMatchObject({ code, status, requestId: response.headers.get('x-request-id') });
      expect([response.headers.get('vary'), response.headers.has('retry-after')]).toEqual(['accept', status === 429]);
    }
  });
});
