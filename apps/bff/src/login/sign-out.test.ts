import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { BusEvent } from '@chatapp/contract/events';
import { BusEvent as BusEventSchema } from '@chatapp/contract/events';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { compileSchema } from '@chatapp/service/schema';
import { signInByForms } from '../../../../dev/issuer/sign-in.ts';
import { tokenRequest } from '../../../../dev/issuer/token-request.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let second: Instance;
let offsetMs = 0;
beforeAll(async () => {
  stand = await startStand({ now: () => Date.now() + offsetMs });
  second = await stand.another();
}, 60_000);
afterAll(() => stand.stop());

const userOf = async (browser: Browser): Promise<SignedInUser> =>
  (await (await browser.call('GET', '/bff/user')).json()) as SignedInUser;
const sidOf = async (browser: Browser) =>
  new URL((await userOf(browser)).logoutUrl, stand.url).searchParams.get('sid') ?? '';
const statuses = async (browser: Browser) =>
  await Promise.all([stand.url, second.url].map(async (at) => (await browser.call('GET', '/bff/user', { at })).status));
const events = async (): Promise<BusEvent[]> =>
  (await stand.store.xrange('events', '-', '+')).map(([, fields]) => JSON.parse(fields[1] ?? ''));
const eventsOf = async (sid: string) =>
  (await events()).filter((event) => event.type === 'session.ended' && event.data.sid === sid);

describe('GET /bff/logout', () => {
  it('S9: hobby: socket outlives the session: every service is told, and the cookie is dead on every instance', async () => {
    const ann = await stand.signIn('ann');
    const { user, logoutUrl } = await userOf(ann);
    const sid = await sidOf(ann);
    const response = await ann.call('GET', logoutUrl);
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-Http-session-\d+=; Path=\/; Max-Age=0; Secure; HttpOnly; SameSite=Strict$/),
    ]);
    expect(await statuses(ann)).toEqual([401, 401]);
    const [event, ...more] = await eventsOf(sid);
    expect(more).toEqual([]);
    expect(compileSchema(BusEventSchema).faults(event)).toEqual([]);
    expect(event).toMatchObject({
      type: 'session.ended',
      actor: user.id,
      data: { sid, userId: user.id, reason: 'logout' },
    });
  });

  it('S9: signs out at the issuer too: the next sign-in asks for the password', async () => {
    const ann = await stand.signIn('ann');
    const response = await ann.call('GET', (await userOf(ann)).logoutUrl);
    const issuerUrl = new URL(response.headers.get('location') ?? '');
    expect(issuerUrl.origin).toBe(stand.issuer.issuer);
    expect(issuerUrl.searchParams.get('post_logout_redirect_uri')).toBe(`${stand.url}/`);
    const cookies = ann.cookies;
    let url = issuerUrl;
    for (let step = 0; step < 5 && url.origin !== stand.url; step++) {
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie: cookies.header(url) } });
      cookies.take(url, answer);
      url = new URL(answer.headers.get('location') ?? '', url);
    }
    expect(url.href).toBe(`${stand.url}/`);
    const asked = await signInByForms({
      startUrl: `${stand.url}/bff/login`,
      login: 'ann',
      password: 'wrong',
      cookies,
    }).catch((error) => error);
    expect(asked).toMatchObject({ code: 'login_refused' });
  });

  it.each([
    ['GET', (sid: string) => `/bff/logout?sid=${sid}`],
    ['DELETE', (sid: string) => `/bff/sessions/${sid}`],
  ] as const)('S9: revokes the refresh token, by %s', async (method, pathOf) => {
    const ann = await stand.signIn('ann');
    const sid = await sidOf(ann);
    const secret = ann.cookies.get(`__Host-Http-session-${new URL(stand.url).port}`);
    const live = await stand.first.bff.sessions.find(secret);
    const refreshToken = live?.session.tokens.refreshToken ?? '';
    const active = async () => {
      const answer = await tokenRequest({
        issuer: stand.issuer.issuer,
        clientId: 'bff',
        keyFile: stand.issuer.keyFile('bff'),
        path: '/token/introspection',
        parameters: { token: refreshToken, token_type_hint: 'refresh_token' },
      });
      return answer.active;
    };
    expect(await active()).toBe(true);
    await ann.call(method, pathOf(sid));
    expect(await active()).toBe(false);
  });

  it.each(['', '?sid=', `?sid=${'A'.repeat(22)}`])(
    'S9: leaves the session alone without its sid: "%s"',
    async (query) => {
      const ann = await stand.signIn('ann');
      const response = await ann.call('GET', `/bff/logout${query}`);
      expect(response.status).toBe(400);
      expect(await statuses(ann)).toEqual([200, 200]);
    },
  );

  it('goes to the start page where nobody is signed in', async () => {
    const response = await fetch(`${stand.url}/bff/logout?sid=x`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([303, `${stand.url}/`]);
    // A link on another site looks the same, because the Strict cookie stays at home: it must not be taken from the browser.
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it('ends the session here also while the issuer is away', async () => {
    const ann = await stand.signIn('ann');
    const url = (await userOf(ann)).logoutUrl;
    await stand.issuer.stop();
    // It answered while she signed in: after this time nobody may take it for being there.
    offsetMs = 11_000;
    const response = await ann.call('GET', url);
    offsetMs = 0;
    await stand.issuer.start();
    expect([response.status, response.headers.get('location')]).toEqual([303, `${stand.url}/`]);
    expect(await statuses(ann)).toEqual([401, 401]);
  }, 30_000);
});
