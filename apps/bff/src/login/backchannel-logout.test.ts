import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { closeCodes } from '@chatapp/contract/frames';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { SignJWT } from 'jose';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type BrowserSocket, openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { type RogueStand, rogueStand } from '../../testing/rogue-sign-in.ts';

let stand: Stand;
let second: Instance;
/** Whose issuer signs what a test wants; with another instance of the same settings. */
let rogue: RogueStand;
let twin: Instance;
beforeAll(async () => {
  stand = await startStand();
  [second, rogue] = await Promise.all([stand.another(), rogueStand(stand)]);
  twin = await stand.another({ OIDC_ISSUER: rogue.rogue.issuer, OIDC_CLIENT_KEY_FILE: rogue.rogue.clientKeyFile });
}, 60_000);
afterAll(async () => {
  await stand.stop();
  await rogue.rogue.stop();
});

const signedOut = { code: closeCodes.signedOut, reason: 'signed out' };

const post = (token: string, { url } = rogue.instance) =>
  fetch(`${url}/bff/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) });

const statusOf = async (browser: Browser, at?: string) =>
  (await browser.call('GET', '/bff/user', at === undefined ? {} : { at })).status;

/** A socket of that browser's, relayed by that instance. */
const socketOf = async (browser: Browser, { url } = rogue.instance): Promise<BrowserSocket> => {
  const headers = { origin: stand.url, cookie: browser.cookie() };
  const socket = openBrowserSocket(`${url.replace('http', 'ws')}/realtime?ticket=t`, headers);
  await socket.ready;
  return socket;
};

/** A person at the rogue issuer, signed in and with a socket open; `sid` names their session there. */
const person = async (sub: string, { sid = `sid-of-${sub}`, at = rogue } = {}) => {
  const browser = await at.signIn({ claims: { sub, sid } });
  return { browser, ...(await socketOf(browser, at.instance)) };
};
type Person = Awaited<ReturnType<typeof person>>;

/** Signed in, with the socket open; or neither. */
const isIn = async ({ browser, socket }: Person) => ({
  status: await statusOf(browser),
  isOpen: socket.readyState === WebSocket.OPEN,
});
const untouched = { status: 200, isOpen: true };

const event = 'http://schemas.openid.net/event/backchannel-logout';
/** A good logout token of the rogue issuer, but for what is said. */
const logoutToken = (
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  { by = rogue, key }: { by?: RogueStand; key?: CryptoKey } = {},
) =>
  by.rogue.sign(
    { jti: crypto.randomUUID(), events: { [event]: {} }, ...claims },
    { typ: 'logout+jwt', ...header },
    ...(key === undefined ? [] : [key]),
  );

const accepted = () => stand.audited('backchannel-logout.accepted').map(({ count }) => count);

describe('POST /bff/backchannel-logout', () => {
  it('S10: ends a session and its socket within two seconds of its person signing out at the issuer elsewhere', async () => {
    const dave = await stand.signIn('dave');
    const socket = await socketOf(dave, stand.first);
    const secret = dave.cookies.get(`__Host-Http-session-${new URL(stand.url).port}`);
    const live = await stand.first.bff.sessions.find(secret);
    const end = new URL(`${stand.issuer.issuer}/session/end`);
    end.searchParams.set('id_token_hint', live?.session.tokens.idToken ?? '');
    const endedAt = performance.now();
    await fetch(end, { headers: { cookie: dave.cookies.header(end) } });
    const statuses = () => Promise.all([stand.url, second.url].map((at) => statusOf(dave, at)));
    await eventually(async () => (await statuses()).every((status) => status === 401), { timeoutMs: 2000 });
    expect(await socket.ended).toEqual(signedOut);
    expect(performance.now() - endedAt).toBeLessThan(2000);
    const events = (await stand.store.xrange('events', '-', '+')).map(([, fields]) => JSON.parse(fields[1] ?? ''));
    expect(events.filter(({ data }) => data.sid === live?.sid)).toMatchObject([
      { type: 'session.ended', data: { reason: 'backchannel-logout' } },
    ]);
  });

  it('S10: ends the sessions that a token names, with their sockets, and nobody else’s', async () => {
    const [laptop, phone] = [await person('carol', { sid: 'laptop' }), await person('carol', { sid: 'phone' })];
    const bob = await person('bob');
    const before = accepted().length;
    // Under Carol's name a sid of somebody else's is a bad token, and one of nobody's may be of a session that is over.
    for (const [sid, status] of [
      ['sid-of-bob', 400],
      ['nobody', 200],
    ] as const) {
      expect((await post(await logoutToken({ sub: 'carol', sid }))).status).toBe(status);
    }
    for (const one of [laptop, phone, bob]) expect(await isIn(one)).toEqual(untouched);
    expect((await post(await logoutToken({ sub: undefined, sid: 'phone' }))).status).toBe(200);
    expect([await phone.ended, await statusOf(phone.browser)]).toEqual([signedOut, 401]);
    for (const one of [laptop, bob]) expect(await isIn(one)).toEqual(untouched);
    const tablet = await person('carol', { sid: 'tablet' });
    expect((await post(await logoutToken({ sub: 'carol' }))).status).toBe(200);
    for (const { browser, ended } of [laptop, tablet]) {
      expect([await ended, await statusOf(browser)]).toEqual([signedOut, 401]);
    }
    expect(await isIn(bob)).toEqual(untouched);
    expect(accepted().slice(before)).toEqual([0, 1, 2]);
  });

  it('S10: is not misled by a session of the same name there that was idle for too long', async () => {
    const named = { sub: 'frank', sid: 'sid-of-frank' };
    const idle = await person('frank');
    const { logoutUrl } = (await (await idle.browser.call('GET', '/bff/user')).json()) as SignedInUser;
    // As when its idle time is over: Redis lets the record go by itself, and no list hears of it.
    await stand.store.del(`session:${logoutUrl.split('sid=')[1]}`);
    expect(await statusOf(idle.browser)).toBe(401);
    expect((await post(await logoutToken(named))).status).toBe(200);
    const again = await person('frank');
    expect((await post(await logoutToken({ ...named, sub: 'grace' }))).status).toBe(400);
    expect(await isIn(again)).toEqual(untouched);
    expect((await post(await logoutToken(named))).status).toBe(200);
    expect([await again.ended, await statusOf(again.browser)]).toEqual([signedOut, 401]);
    expect(accepted().slice(-2)).toEqual([0, 1]);
  });

  it('S10: refuses every token that is not a fresh logout token for this client, and ends nothing by it', async () => {
    const ann = await person('ann');
    const named = { sub: 'ann', sid: 'sid-of-ann' };
    const now = Math.floor(Date.now() / 1000);
    const pair = { name: 'ECDSA', namedCurve: 'P-256' };
    const stranger = await crypto.subtle.generateKey(pair, true, ['sign', 'verify']);
    const good = await logoutToken(named);
    const [, payload = '', signature = ''] = good.split('.');
    const encoded = (text: object) => Buffer.from(JSON.stringify(text)).toString('base64url');
    const { keys } = (await (await fetch(`${rogue.rogue.issuer}/jwks`)).json()) as { keys: object[] };
    const publicKey = new TextEncoder().encode(JSON.stringify(keys[0]));
    const bad: Record<string, string> = {
      empty: '',
      garbage: 'a.b.c',
      'the algorithm none': `${encoded({ alg: 'none', typ: 'logout+jwt' })}.${payload}.`,
      'the algorithm none over a signature': `${encoded({ alg: 'none', typ: 'logout+jwt' })}.${payload}.${signature}`,
      'the public key as a secret': await new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()))
        .setProtectedHeader({ alg: 'HS256', kid: 'k', typ: 'logout+jwt' })
        .sign(publicKey),
      'another key': await logoutToken(named, {}, { key: stranger.privateKey }),
      'an ID token': await rogue.rogue.sign({ ...named, jti: 'x', nonce: 'n' }, { typ: 'JWT' }),
      'an access token': await rogue.rogue.sign({ ...named, jti: 'x' }, { typ: 'at+jwt' }),
      'another typ': await logoutToken(named, { typ: 'JWT' }),
      'no typ': await logoutToken(named, { typ: undefined }),
      'another audience': await logoutToken({ ...named, aud: 'someone' }),
      'another issuer': await logoutToken({ ...named, iss: 'https://evil.example' }),
      'a nonce': await logoutToken({ ...named, nonce: 'n' }),
      'no events': await logoutToken({ ...named, events: undefined }),
      'another event': await logoutToken({ ...named, events: { 'urn:x': {} } }),
      'events no object': await logoutToken({ ...named, events: event }),
      'neither sub nor sid': await logoutToken({ sub: undefined }),
      'no jti': await logoutToken({ ...named, jti: undefined }),
      'no iat': await logoutToken({ ...named, iat: undefined }),
      'no exp': await logoutToken({ ...named, exp: undefined }),
      expired: await logoutToken({ ...named, iat: now - 100, exp: now - 40 }),
      'too old': await logoutToken({ ...named, iat: now - 300, exp: now + 60 }),
      'from the future': await logoutToken({ ...named, iat: now + 300, exp: now + 400 }),
    };
    for (const [name, token] of Object.entries(bad)) {
      const response = await post(token);
      expect([name, response.status, response.headers.get('cache-control')]).toEqual([name, 400, 'no-store']);
      expect([name, await isIn(ann)]).toEqual([name, untouched]);
    }
    const json = await fetch(`${rogue.instance.url}/bff/backchannel-logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ logout_token: good }),
    });
    expect(json.status).toBe(415);
    const query = new URLSearchParams({ logout_token: good });
    expect((await fetch(`${rogue.instance.url}/bff/backchannel-logout?${query}`)).status).toBe(403);
    expect(await isIn(ann)).toEqual(untouched);
    // They named her well: the good one, of which most of them are made, is the end.
    const response = await post(good);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect([await ann.ended, await statusOf(ann.browser)]).toEqual([signedOut, 401]);
  }, 30_000);

  it('S10: takes a token once: a second time, at whatever instance, it leaves the session alone that began meanwhile', async () => {
    const before = await person('eve');
    const token = await logoutToken({ sub: 'eve' });
    expect((await post(token)).status).toBe(200);
    expect(await before.ended).toEqual(signedOut);
    const after = await person('eve');
    for (const instance of [rogue.instance, twin]) {
      expect((await post(token, instance)).status).toBe(400);
      expect(await isIn(after)).toEqual(untouched);
    }
    // Another token of the same words is taken there.
    expect((await post(await logoutToken({ sub: 'eve' }), twin)).status).toBe(200);
    expect(await statusOf(after.browser)).toBe(401);
  });

  it('S10: takes the `typ` that the settings name, for an issuer that writes JWT, and checks all else as well', async () => {
    const older = await rogueStand(stand, { OIDC_LOGOUT_TOKEN_TYP: 'JWT' });
    const ann = await person('ann', { at: older });
    const written = (claims: object, typ: string) => logoutToken({ sub: 'ann', ...claims }, { typ }, { by: older });
    const bad = [
      await written({}, 'logout+jwt'),
      await written({ events: undefined }, 'JWT'),
      await written({ nonce: 'n' }, 'JWT'),
      await older.rogue.sign({ sub: 'ann', nonce: 'n' }, { typ: 'JWT' }),
    ];
    for (const token of bad) {
      expect((await post(token, older.instance)).status).toBe(400);
      expect(await isIn(ann)).toEqual(untouched);
    }
    expect((await post(await written({}, 'JWT'), older.instance)).status).toBe(200);
    expect([await ann.ended, await statusOf(ann.browser)]).toEqual([signedOut, 401]);
    await older.rogue.stop();
  });
});
