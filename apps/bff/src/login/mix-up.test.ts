import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { decodeJwt } from 'jose';
import { freePort } from '../../../../dev/ports.ts';
import { type Browser, browserWith, CookieJar, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { type RogueIssuer, startRogueIssuer } from '../../testing/rogue-issuer.ts';

let stand: Stand;
let issuers: Record<'main' | 'corp', RogueIssuer>;
let instance: Instance;
/** Which knows both issuers, and of which the main one does not answer. */
let cutOff: Instance;
let offsetMs = 0;
beforeAll(async () => {
  const now = () => Date.now() + offsetMs;
  const [started, main, corp] = await Promise.all([startStand({ now }), startRogueIssuer(), startRogueIssuer()]);
  stand = started;
  issuers = { main, corp };
  for (const one of [main, corp]) {
    one.describe({ revocation_endpoint: `${one.issuer}/revoke`, end_session_endpoint: `${one.issuer}/end` });
  }
  const further = {
    alias: 'corp',
    name: 'Corp',
    issuer: corp.issuer,
    clientId: 'bff',
    clientKeyFile: corp.clientKeyFile,
  };
  const env = { OIDC_CLIENT_KEY_FILE: main.clientKeyFile, OIDC_FURTHER_ISSUERS: JSON.stringify([further]) };
  instance = await stand.another({ ...env, OIDC_ISSUER: main.issuer });
  cutOff = await stand.another({ ...env, OIDC_ISSUER: `http://localhost:${await freePort()}` });
}, 60_000);
afterAll(async () => {
  await stand.stop();
  await Promise.all([issuers.main.stop(), issuers.corp.stop()]);
});

const aliases = { main: 'local', corp: 'corp' } as const;
const callbacks = { main: '/bff/callback', corp: '/bff/callback/corp' } as const;
type Name = keyof typeof callbacks;
/** What both call their person's session. */
const sid = 'sid';

/** A sign-in that began at that issuer, whose code is good there. */
const begin = async (at: Name) => {
  const cookies = new CookieJar();
  const begun = await fetch(`${instance.url}/bff/login?issuer=${aliases[at]}`, { redirect: 'manual' });
  cookies.take(new URL(stand.url), begun);
  const asked = new URL(begun.headers.get('location') ?? '');
  expect([asked.origin, asked.searchParams.get('redirect_uri')]).toEqual([
    issuers[at].issuer,
    `${stand.url}${callbacks[at]}`,
  ]);
  const state = asked.searchParams.get('state') ?? '';
  const nonce = asked.searchParams.get('nonce');
  for (const [name, issuer] of Object.entries(issuers)) {
    issuer.asked.length = 0;
    const id_token = await issuer.sign({ nonce, name: 'Ann', sid });
    issuer.say({ id_token, refresh_token: `first-of-${name}` });
  }
  return { cookies, state };
};
type Begun = Awaited<ReturnType<typeof begin>>;
const comeBack = async (callback: Name, by: Name, { cookies, state }: Begun) => {
  const query = new URLSearchParams({ code: 'code', state, iss: issuers[by].issuer });
  const headers = { cookie: cookies.header(stand.url) };
  return await fetch(`${instance.url}${callbacks[callback]}?${query}`, { redirect: 'manual', headers });
};
const answerAt = async (callback: Name, by: Name, begun: Begun) => {
  const answer = await comeBack(callback, by, begun);
  return { status: answer.status, cookies: answer.headers.getSetCookie(), page: await answer.text() };
};
const codesSent = () => Object.values(issuers).flatMap(({ asked }) => asked.filter(({ form }) => form.has('code')));

describe('the answer of one issuer', () => {
  it.each<[Name, Name]>([
    ['main', 'corp'],
    ['corp', 'main'],
  ])('S2: of %s is none at the address of %s: no code is sent anywhere, and nobody is signed in', async (from, to) => {
    for (const says of [from, to]) {
      const before = await stand.store.keys('session:*');
      const answer = await answerAt(to, says, await begin(from));
      expect([answer.status, answer.cookies]).toEqual([400, []]);
      expect(answer.page).toContain('login-failed');
      expect(codesSent()).toEqual([]);
      expect(await stand.store.keys('session:*')).toEqual(before);
    }
  });

  it.each<[Name, Name]>([
    ['main', 'corp'],
    ['corp', 'main'],
  ])('S2: of %s that names %s is none either at its own address', async (from, other) => {
    const answer = await answerAt(from, other, await begin(from));
    expect([answer.status, answer.cookies, codesSent()]).toEqual([400, [], []]);
  });

  it.each<Name>(['main', 'corp'])('of %s is one at its own address, and its code goes there alone', async (at) => {
    const answer = await answerAt(at, at, await begin(at));
    expect([answer.status, answer.cookies.length]).toEqual([303, 2]);
    expect(codesSent()).toHaveLength(1);
    expect(issuers[at].asked.filter(({ form }) => form.has('code'))).toHaveLength(1);
  });
});

/** Ann, signed in at that issuer. */
const signIn = async (at: Name): Promise<Browser> => {
  const begun = await begin(at);
  const landed = await comeBack(at, at, begun);
  begun.cookies.take(new URL(stand.url), landed);
  return browserWith(instance.url, begun.cookies, landed, landed.headers.get('location') ?? '');
};
const userOf = async (browser: Browser) => await browser.call('GET', '/bff/user');
const statusOf = async (browser: Browser) => (await userOf(browser)).status;

describe('a session of one issuer', () => {
  /** The refresh tokens that an issuer was handed, and where. */
  const handed = (to: Name) =>
    issuers[to].asked
      .map(({ path, form }) => [path, form.get('refresh_token') ?? form.get('token')])
      .filter(([, token]) => token !== null);

  it.each<[Name, Name]>([
    ['main', 'corp'],
    ['corp', 'main'],
  ])(
    'S2: of %s is renewed, stepped up, revoked and signed out there, and %s hears nothing of it',
    async (at, other) => {
      const ann = await signIn(at);
      for (const [name, issuer] of Object.entries(issuers)) {
        issuer.say({ access_token: `renewed-of-${name}`, refresh_token: `next-of-${name}` });
      }
      stand.mirror.clear();
      offsetMs = 61_000;
      const { status } = await ann.call('GET', '/api/messages/x');
      offsetMs = 0;
      expect(status).toBe(200);
      expect(stand.mirror.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer renewed-of-${at}`]);

      const { logoutUrl } = (await (await userOf(ann)).json()) as SignedInUser;
      const wayOf = async (path: string) => new URL((await ann.call('GET', path)).headers.get('location') ?? '');
      const stepUp = await wayOf(`${logoutUrl}&everywhere=true`);
      expect([stepUp.origin, stepUp.searchParams.get('redirect_uri')]).toEqual([
        issuers[at].issuer,
        `${stand.url}${callbacks[at]}`,
      ]);
      const goodbye = await wayOf(logoutUrl);
      expect(goodbye.href).toStartWith(`${issuers[at].issuer}/end?`);
      expect(decodeJwt(goodbye.searchParams.get('id_token_hint') ?? '').iss).toBe(issuers[at].issuer);
      expect([handed(at), handed(other)]).toEqual([
        [
          ['/token', `first-of-${at}`],
          ['/revoke', `next-of-${at}`],
        ],
        [],
      ]);
    },
  );

  /** A logout token in the name of one issuer, signed by it unless another signs. */
  const logoutToken = (of: Name, claims: Record<string, unknown>, by = of) => {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const named = { iss: issuers[of].issuer, jti: crypto.randomUUID(), events, ...claims };
    return issuers[by].sign(named, { typ: 'logout+jwt' });
  };
  const post = async (token: string, { url } = instance) => {
    const body = new URLSearchParams({ logout_token: token });
    return (await fetch(`${url}/bff/backchannel-logout`, { method: 'POST', body })).status;
  };

  it.each<[Name, Name]>([
    ['main', 'corp'],
    ['corp', 'main'],
  ])('S10: of %s ends by its logout token, and that of the same names at %s goes on', async (at, other) => {
    const theirs = await signIn(other);
    for (const claims of [{ sub: undefined, sid }, { sid }, {}]) {
      const own = await signIn(at);
      expect(await post(await logoutToken(at, claims, other))).toBe(400);
      expect(await post(await logoutToken(at, { ...claims, iss: 'https://evil.example' }))).toBe(400);
      expect([await statusOf(own), await statusOf(theirs)]).toEqual([200, 200]);
      expect(await post(await logoutToken(at, claims))).toBe(200);
      expect([await statusOf(own), await statusOf(theirs)]).toEqual([401, 200]);
      expect(stand.audited('backchannel-logout.accepted').at(-1)).toMatchObject({ issuer: aliases[at], count: 1 });
    }
  });

  it('S10: ends by its logout token also where the main one does not answer', async () => {
    const ann = await signIn('corp');
    expect(await post(await logoutToken('corp', { sid }), cutOff)).toBe(200);
    expect(await statusOf(ann)).toBe(401);
  }, 20_000);
});
