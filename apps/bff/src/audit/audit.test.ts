import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { sendBytes } from '../../../../dev/testing/raw-request.ts';
import { type Stand, startStand } from '../../testing/harness.ts';
import { type RogueStand, rogueStand } from '../../testing/rogue-sign-in.ts';
import type { AuditEntry } from './audit.ts';

let stand: Stand;
let rogue: RogueStand;
let offsetMs = 0;
beforeAll(async () => {
  stand = await startStand({ now: () => Date.now() + offsetMs });
  rogue = await rogueStand(stand, { SIGN_INS_PER_MINUTE: '30' });
}, 60_000);
afterAll(async () => {
  await stand.stop();
  await rogue.rogue.stop();
});

const at = () => rogue.instance.url;
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${at()}${path}`, { redirect: 'manual', headers });
const signIn = () => rogue.signIn({ tokens: { access_token: 'canary-access', refresh_token: 'canary-refresh' } });
const userOf = async (browser: Awaited<ReturnType<typeof signIn>>) =>
  (await (await browser.call('GET', '/bff/user')).json()) as { user: { id: string }; logoutUrl: string };
const logoutToken = (claims: object) =>
  rogue.rogue.sign(
    {
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      jti: crypto.randomUUID(),
      canary: 'canary-logout',
      ...claims,
    },
    { typ: 'logout+jwt' },
  );
const postLogout = (token: string) =>
  fetch(`${at()}/bff/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) });
const endSessions = async (scope: string) => {
  const { user } = await userOf(await signIn());
  const machine = { aud: 'urn:chatapp:bff', sub: 'conversations', client_id: 'conversations', scope };
  const token = await rogue.rogue.sign(machine, { typ: 'at+jwt' });
  const headers = { authorization: `Bearer ${token}` };
  return await fetch(`${at()}/internal/users/${user.id}/sessions`, { method: 'DELETE', headers });
};

/** How each event comes about. An event that is added to the log's type must be added here. */
const provoke: Record<AuditEntry['event'], () => Promise<unknown>> = {
  'login.succeeded': signIn,
  'login.refused': () => get('/bff/callback?code=canary-code&state=canary-state'),
  'session.ended': async () => {
    const ann = await signIn();
    return await ann.call('GET', (await userOf(ann)).logoutUrl);
  },
  'sessions.ended-by-machine': () => endSessions('bff:sessions.write'),
  'backchannel-logout.accepted': async () => postLogout(await logoutToken({})),
  'backchannel-logout.refused': async () => postLogout(await logoutToken({ nonce: 'x' })),
  'refresh.refused': async () => {
    const ann = await signIn();
    rogue.rogue.say({ status: 400, error: 'invalid_grant', error_description: 'canary-reason' });
    offsetMs = 3_600_000;
    await ann.call('GET', '/api/messages/x');
    offsetMs = 0;
  },
  'token.refused': () => endSessions('bff:sessions.read'),
  'access.refused': () => get('/api/messages/canary-path?q=canary-query'),
  'rate-limited': async () => {
    for (let count = 0; count < 40; count++) await get('/bff/login?returnTo=/canary-return');
  },
};

describe('the audit log', () => {
  it('S48: has no name of a person, whatever the issuer says that it is', async () => {
    const before = rogue.instance.logged.length;
    const { told, cookies } = await rogue.start();
    const name = 'Ann\r\n{"audit":"login.succeeded"}\u001b[2J","audit":"login.succeeded","x":"';
    rogue.rogue.say({ id_token: await rogue.rogue.sign({ nonce: told.get('nonce'), name }) });
    expect((await rogue.finish(cookies, told.get('state') ?? '')).status).toBe(303);
    const logged = rogue.instance.logged.slice(before);
    expect(logged.map((line) => JSON.parse(line).audit).filter((event) => event === 'login.succeeded')).toHaveLength(1);
    expect(logged.join('')).not.toContain('Ann');
    for (const line of logged) expect(line.trimEnd()).not.toMatch(/\p{Cc}/u);
  });

  it('S48: has each event that it promises, in UTC, with the request, and no token, text, cookie or session', async () => {
    for (const [event, act] of Object.entries(provoke)) {
      const before = stand.audited(event).length;
      await act();
      const [line, ...more] = stand.audited(event).slice(before);
      expect([event, line !== undefined, more.length < 40]).toEqual([event, true, true]);
      expect(String(line?.time)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(line).toMatchObject({ requestId: expect.stringMatching(/^[\w-]{8,64}$/), address: '127.0.0.1' });
      // A session stands as a hash, by which nothing can be found or ended.
      if (line?.session !== undefined) expect(line.session).toMatch(/^[0-9a-f]{16}$/);
    }
    const audited = stand.audited().map((line) => JSON.stringify(line));
    expect(audited.filter((line) => /canary|__Host-|Bearer|eyJ/.test(line))).toEqual([]);
    const sids = (await stand.store.keys('session:*')).map((key) => key.split(':').at(-1) ?? '');
    expect(sids.length).toBeGreaterThan(0);
    for (const sid of sids.filter((part) => part.length === 22)) expect(audited.join('\n')).not.toContain(sid);
  }, 30_000);

  it('S48: takes no line from what a caller writes', async () => {
    const forged = '","audit":"login.succeeded","x":"';
    const instance = await stand.another();
    const seen = instance.logged.length;
    const lines = [
      `GET /bff/user?x=%0d%0a{"audit":"login.succeeded"} HTTP/1.1`,
      `GET /bff/callback?state=${encodeURIComponent(`${forged}\r\n{"audit":"login.succeeded"}`)}&error=${encodeURIComponent(forged)} HTTP/1.1`,
      `GET /api/messages/${encodeURIComponent(forged)} HTTP/1.1`,
      'GET /bff/login?issuer=%1b[2J%0a%00 HTTP/1.1',
    ];
    for (const line of lines) {
      const headers = [
        `Host: ${new URL(instance.url).host}`,
        'Connection: close',
        `X-Request-Id: ${forged}`,
        `User-Agent: ${forged}`,
        `Cookie: __Host-Http-session-1=${forged}`,
        `X-Forwarded-For: ${forged}`,
      ];
      await sendBytes(instance.url, [line, ...headers, '', ''].join('\r\n'));
    }
    const logged = instance.logged.slice(seen);
    expect(logged.length).toBeGreaterThan(2);
    for (const line of logged) {
      expect(line.trimEnd()).not.toMatch(/\p{Cc}/u);
      expect(JSON.parse(line).audit).not.toBe('login.succeeded');
      expect(JSON.stringify(JSON.parse(line).requestId ?? '')).not.toContain('login');
    }
  });
});
