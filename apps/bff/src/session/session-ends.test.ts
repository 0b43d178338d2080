import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { closeCodes } from '@chatapp/contract/frames';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { signInByForms } from '../../../../dev/issuer/sign-in.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Browser, CookieJar, type Instance, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let second: Instance;
beforeAll(async () => {
  stand = await startStand();
  second = await stand.another();
}, 60_000);
afterAll(() => stand.stop());

const statuses = async (browser: Browser) =>
  await Promise.all([stand.url, second.url].map(async (at) => (await browser.call('GET', '/bff/user', { at })).status));
const userOf = async (browser: Browser) => (await (await browser.call('GET', '/bff/user')).json()) as SignedInUser;

/** A socket of that browser's, at the first instance. */
const socketOf = async (browser: Browser) => {
  const headers = { origin: stand.url, cookie: browser.cookie() };
  const socket = openBrowserSocket(`${stand.url.replace('http', 'ws')}/realtime?ticket=t`, headers);
  await socket.ready;
  return socket;
};

describe('DELETE /internal/users/:id/sessions', () => {
  const end = (userId: string, token: string | undefined) =>
    fetch(`${stand.url}/internal/users/${userId}/sessions`, {
      method: 'DELETE',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });

  it('S11: ends all sessions of a person, and nobody else’s, and is audited', async () => {
    const [phone, tablet, bob] = await Promise.all(['carol', 'carol', 'bob'].map((login) => stand.signIn(login)));
    if (!phone || !tablet || !bob) throw new Error('nobody signed in');
    const [phones, tablets, bobs] = [await socketOf(phone), await socketOf(tablet), await socketOf(bob)];
    const { id } = (await userOf(phone)).user;
    const token = await stand.issuer.machineToken('conversations', 'urn:chatapp:bff', ['bff:sessions.write']);
    const answer = await end(id, token);
    expect([answer.status, await answer.json()]).toEqual([200, { ended: 2 }]);
    expect(await Promise.all([phone, tablet, bob].map(statuses))).toEqual([
      [401, 401],
      [401, 401],
      [200, 200],
    ]);
    for (const { ended } of [phones, tablets]) expect((await ended).code).toBe(closeCodes.signedOut);
    expect(bobs.socket.readyState).toBe(WebSocket.OPEN);
    expect(stand.audited('sessions.ended-by-machine')).toMatchObject([{ userId: id, by: 'conversations', count: 2 }]);
    const events = (await stand.store.xrange('events', '-', '+')).map(([, fields]) => JSON.parse(fields[1] ?? ''));
    expect(events.filter(({ data }) => data.userId === id && data.reason === 'ended-by-machine')).toHaveLength(2);
  });

  it('S22, S30: is closed to people, to machines without the scope, and to nobody’s token', async () => {
    const { id } = (await userOf(await stand.signIn('dave'))).user;
    const reader = await stand.issuer.machineToken('realtime', 'urn:chatapp:bff', ['bff:sessions.read']);
    expect((await end(id, reader)).status).toBe(403);
    expect((await end(id, await stand.issuer.personToken('dave'))).status).toBe(401);
    expect((await end(id, undefined)).status).toBe(401);
    expect(stand.audited('token.refused').map(({ code }) => code)).toEqual(['scope', 'token-invalid', 'token-invalid']);
  });
});

describe('signing out everywhere', () => {
  const walk = (browser: Browser, login: string, path: string) =>
    signInByForms({
      startUrl: `${stand.url}${path}`,
      login,
      password: login,
      cookies: browser.cookies,
      stopAt: (url) => url.pathname === '/session/end',
    });

  it('ends every session once the person has signed in anew, though they are signed in at the issuer', async () => {
    const [ann, elsewhere] = [await stand.signIn('ann'), await stand.signIn('ann')];
    const { logoutUrl } = await userOf(ann);
    const { finalUrl, cookies } = await walk(ann, 'ann', `${logoutUrl}&everywhere=true`);
    expect(new URL(finalUrl).origin).toBe(stand.issuer.issuer);
    expect(cookies.header(stand.url)).not.toContain('__Host-Http-session');
    expect([await statuses(ann), await statuses(elsewhere)]).toEqual([
      [401, 401],
      [401, 401],
    ]);
  }, 20_000);

  it('ends nothing for another person, for a link without the sid, nor before the sign-in', async () => {
    const bob = await stand.signIn('bob');
    const { logoutUrl } = await userOf(bob);
    const started = await bob.call('GET', `${logoutUrl}&everywhere=true`);
    expect(new URL(started.headers.get('location') ?? '').origin).toBe(stand.issuer.issuer);
    expect(await statuses(bob)).toEqual([200, 200]);
    const stale = await bob.call('GET', `/bff/logout?sid=${'A'.repeat(22)}&everywhere=true`);
    expect(stale.status).toBe(400);
    const other = await walk(bob, 'carol', `${logoutUrl}&everywhere=true`);
    expect([other.response.status, await other.response.text()]).toEqual([400, expect.stringContaining('same person')]);
    // The issuer signed Bob out, as one browser is one person's there, and said so; that is all that ended.
    const { id } = (await userOf(await stand.signIn('bob'))).user;
    const reasons = stand.audited('session.ended').filter(({ userId }) => userId === id);
    expect(reasons.map(({ reason }) => reason)).not.toContain('ended-everywhere');
    expect(stand.audited('login.refused').at(-1)).toMatchObject({ reason: 'not-fresh' });
  }, 20_000);
});

describe('an instance whose settings lack the issuer of a session', () => {
  let without: Instance;
  beforeAll(async () => {
    without = await stand.another({ OIDC_ISSUER_ALIAS: 'another' });
  });
  const ends = () => stand.audited('session.ended').length;

  it.each(['/bff/user', '/api/messages/x'])(
    'takes its person for signed out at %s, and leaves the session to those that know the issuer',
    async (path) => {
      const ann = await stand.signIn('ann');
      const before = ends();
      const answer = await ann.call('GET', path, { at: without.url });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []]);
      expect(await statuses(ann)).toEqual([200, 200]);
      expect(ends()).toBe(before);
    },
  );

  it.each(['', '&everywhere=true'])('S9: ends it where its person signs out there (%s)', async (query) => {
    const ann = await stand.signIn('ann');
    const socket = await socketOf(ann);
    const { user, logoutUrl } = await userOf(ann);
    const answer = await ann.call('GET', `${logoutUrl}${query}`, { at: without.url });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${stand.url}/`]);
    expect(answer.headers.getSetCookie().join()).toMatch(/^__Host-Http-session-\d+=; Path=\/; Max-Age=0/);
    await eventually(async () => (await statuses(ann)).every((status) => status === 401), { timeoutMs: 1000 });
    expect(stand.audited('session.ended').at(-1)).toMatchObject({ userId: user.id, reason: 'logout' });
    // Whose sockets hear of it by the bus: the first instance's at its next sweep.
    await stand.first.bff.relay.sweep();
    expect((await socket.ended).code).toBe(closeCodes.signedOut);
  });

  it('S9: ends nothing for a link with another sid, as that of another page', async () => {
    const ann = await stand.signIn('ann');
    await ann.call('GET', `/bff/logout?sid=${'A'.repeat(22)}`, { at: without.url });
    expect(await statuses(ann)).toEqual([200, 200]);
  });

  it('signs its person in anew, in place of the session that was there', async () => {
    const ann = await stand.signIn('ann');
    const before = ann.cookie();
    const { finalUrl } = await signInByForms({
      ...{ startUrl: `${without.url}/bff/login`, login: 'ann', password: 'ann', cookies: ann.cookies },
      stopAt: (url) => url.pathname === '/bff/callback',
    });
    const landed = await fetch(finalUrl.replace(stand.url, without.url), {
      redirect: 'manual',
      headers: { cookie: ann.cookie() },
    });
    ann.cookies.take(new URL(stand.url), landed);
    expect((await ann.call('GET', '/bff/user', { at: without.url })).status).toBe(200);
    const old = await fetch(`${stand.url}/bff/user`, { headers: { cookie: before, 'x-csrf': '1', origin: stand.url } });
    expect(old.status).toBe(401);
  });
});

describe('a silent sign-in', () => {
  it('signs in who is signed in at the issuer, and sends everybody else back without a page', async () => {
    const cookies = new CookieJar();
    const startUrl = `${stand.url}/bff/login?prompt=none&returnTo=/c/1`;
    const nobody = await signInByForms({ startUrl, login: 'x', password: 'x', cookies });
    expect(nobody.finalUrl).toBe(`${stand.url}/c/1`);
    expect(cookies.header(stand.url)).not.toContain('__Host-Http');

    await signInByForms({ startUrl: `${stand.url}/bff/login`, login: 'ann', password: 'ann', cookies });
    cookies.take(new URL(stand.url), forget(stand.url));
    expect(cookies.header(stand.url)).not.toContain('__Host-Http');
    const somebody = await signInByForms({ startUrl, login: 'x', password: 'x', cookies });
    expect(somebody.finalUrl).toBe(`${stand.url}/c/1`);
    expect(cookies.header(stand.url)).toContain('__Host-Http-session');
  });

  const forget = (url: string) => {
    const name = `__Host-Http-session-${new URL(url).port}`;
    return new Response(null, {
      headers: { 'set-cookie': `${name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict` },
    });
  };
});
