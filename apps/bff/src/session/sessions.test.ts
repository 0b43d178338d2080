import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type RealtimeTicket, type SignedInUser, TicketGrant, ticketKey } from '@chatapp/contract/http-bff';
import { compileSchema } from '@chatapp/service/schema';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { contentsOf } from '../../testing/redis-contents.ts';

const cookieName = (stand: Stand) => `__Host-Http-session-${new URL(stand.url).port}`;
const userOf = async (browser: Browser, query = '') =>
  (await (await browser.call('GET', `/bff/user${query}`)).json()) as SignedInUser;
const sidOf = async (browser: Browser) => (await userOf(browser)).logoutUrl.split('sid=')[1] ?? '';

describe('a session', () => {
  let stand: Stand;
  let second: Instance;
  beforeAll(async () => {
    stand = await startStand();
    second = await stand.another();
  }, 60_000);
  afterAll(() => stand.stop());

  it('S6: cannot be read, nor found by its cookie, in all that Redis holds', async () => {
    const ann = await stand.signIn('ann');
    const secret = ann.cookies.get(cookieName(stand)) ?? '';
    const live = await stand.first.bff.sessions.find(secret);
    const tokens = live?.session.tokens;
    const contents = await contentsOf(stand.store);
    // The session is among them: what may be known of it is there to be read.
    for (const open of [`session:${live?.sid}`, live?.session.userId]) expect(contents).toContain(open ?? 'no session');
    for (const canary of [
      secret,
      tokens?.accessToken,
      tokens?.refreshToken,
      tokens?.idToken,
      'ann@example.test',
      'Ann',
    ]) {
      expect(canary).toBeTruthy();
      expect(contents).not.toContain(canary ?? '');
    }
  });

  it('S9: ended at one instance, is refused by the proxy of the other within a second, and by its own at once', async () => {
    const ann = await stand.signIn('ann');
    const sid = await sidOf(ann);
    const ask = async (at: string) => (await ann.call('GET', '/api/messages/x', { at })).status;
    expect([await ask(stand.url), await ask(second.url)]).toEqual([200, 200]);
    await ann.call('GET', `/bff/logout?sid=${sid}`);
    expect(await ask(stand.url)).toBe(401);
    await eventually(async () => (await ask(second.url)) === 401, { timeoutMs: 1000 });
    expect((await ann.call('GET', '/bff/user', { at: second.url })).status).toBe(401);
  });

  it('is read once for the requests of a moment, and again after it', async () => {
    const ann = await stand.signIn('ann');
    const gets = async () => Number(/cmdstat_get:calls=(\d+)/.exec(await stand.store.info('commandstats'))?.[1] ?? 0);
    const ask = async () => expect((await ann.call('GET', '/api/messages/x')).status).toBe(200);
    await ask();
    const before = await gets();
    for (let count = 0; count < 20; count++) await ask();
    // A slow machine may need more than one of its quarters of a second.
    expect((await gets()) - before).toBeLessThan(10);
    const later = await gets();
    await eventually(async () => {
      await ask();
      return (await gets()) > later;
    });
  });

  it('is read again beside the requests that use it', async () => {
    const ann = await stand.signIn('ann');
    const gets = async () => Number(/cmdstat_get:calls=(\d+)/.exec(await stand.store.info('commandstats'))?.[1] ?? 0);
    const ask = async () => expect((await ann.call('GET', '/api/messages/x')).status).toBe(200);
    await ask();
    await Bun.sleep(110);
    await ask();
    const then = await gets();
    await eventually(async () => (await gets()) > then);
  });

  it('is refused by any other cookie', async () => {
    const ann = await stand.signIn('ann');
    const sid = await sidOf(ann);
    const secret = ann.cookies.get(cookieName(stand)) ?? '';
    for (const value of [
      '',
      sid,
      secret.slice(1),
      `${secret}x`,
      'A'.repeat(43),
      `${secret} `,
      '%00',
      'A'.repeat(4000),
    ]) {
      if (value.trim() === secret) continue;
      const response = await fetch(`${stand.url}/bff/user`, {
        headers: { cookie: `${cookieName(stand)}=${value}`, 'x-csrf': '1', origin: stand.url },
      });
      expect([value.slice(0, 50), response.status]).toEqual([value.slice(0, 50), 401]);
    }
  });

  it('gives a ticket for one socket, hashed, for 30 s', async () => {
    const ann = await stand.signIn('ann');
    const { user } = await userOf(ann);
    const response = await ann.call('POST', '/bff/realtime-ticket');
    expect(response.status).toBe(200);
    const { url, ticket, expiresAt } = (await response.json()) as RealtimeTicket;
    expect(url).toBe(`${stand.url.replace('http', 'ws')}/realtime`);
    expect(Date.parse(expiresAt) - Date.now()).toBeWithin(29_000, 30_001);
    expect(await stand.store.keys(`*${ticket}*`)).toEqual([]);
    const key = await ticketKey(ticket);
    expect(await stand.store.pttl(key)).toBeWithin(29_000, 30_001);
    const grant: unknown = JSON.parse((await stand.store.getdel(key)) ?? 'null');
    expect(compileSchema(TicketGrant).faults(grant)).toEqual([]);
    expect(grant).toMatchObject({ userId: user.id, sid: await sidOf(ann) });
    const other = (await (await ann.call('POST', '/bff/realtime-ticket')).json()) as RealtimeTicket;
    expect(other.ticket).not.toBe(ticket);
  });

  it('is known to the realtime service by its sid, while it lives', async () => {
    const [ann, bob] = [await stand.signIn('ann'), await stand.signIn('bob')];
    const { user } = await userOf(ann);
    // The last one is the key of a list, not of a session: Redis would refuse to read it as one.
    const sids = [await sidOf(ann), await sidOf(bob), 'A'.repeat(22), 'nobody', `user:${user.id}`];
    const ask = async (token?: string) =>
      await fetch(`${second.url}/internal/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify({ sids }),
      });
    const token = await stand.issuer.machineToken('realtime', 'urn:chatapp:bff', ['bff:sessions.read']);
    const found = (await (await ask(token)).json()) as { items: { sid: string; expiresAt: string }[] };
    expect(found.items.map((item) => item.sid)).toEqual(sids.slice(0, 2));
    expect(Date.parse(found.items[0]?.expiresAt ?? '') - Date.now()).toBeWithin(28_700_000, 28_800_001);
    await ann.call('GET', `/bff/logout?sid=${sids[0]}`);
    expect((await (await ask(token)).json()) as object).toMatchObject({ items: [{ sid: sids[1] }] });

    expect((await ask()).status).toBe(401);
    expect((await ask(await stand.issuer.personToken('ann'))).status).toBe(401);
    const elsewhere = await stand.issuer.machineToken('realtime', 'urn:chatapp:messages', ['messages:heads.read']);
    expect((await ask(elsewhere)).status).toBe(401);
  });
});

describe('the life of a session', () => {
  let stand: Stand;
  let offsetMs = 0;
  beforeAll(async () => {
    const env = { SESSION_IDLE_SECONDS: '60', SESSION_ABSOLUTE_SECONDS: '120' };
    stand = await startStand({ env, now: () => Date.now() + offsetMs });
  }, 60_000);
  afterAll(() => stand.stop());

  it('S8: is prolonged by use, but not by slide=false, and never past its end', async () => {
    const ann = await stand.signIn('ann');
    const sid = await sidOf(ann);
    const key = `session:${sid}`;
    // 50 s go by, as Redis sees it and as we do.
    const pass = async (ms: number) => {
      await stand.store.pexpire(key, (await stand.store.pttl(key)) - ms);
      offsetMs += ms;
    };
    expect(await stand.store.pttl(key)).toBeWithin(58_000, 60_001);
    await pass(50_000);
    await userOf(ann, '?slide=false');
    expect(await stand.store.pttl(key)).toBeWithin(8_000, 10_001);
    await userOf(ann);
    expect(await stand.store.pttl(key)).toBeWithin(58_000, 60_001);
    await pass(50_000);
    const { sessionExpiresAt } = await userOf(ann);
    expect(Date.parse(sessionExpiresAt) - Date.now() - offsetMs).toBeWithin(17_000, 20_001);
    await pass(15_000);
    expect((await ann.call('GET', '/bff/user')).status).toBe(200);
    // One that Redis still has is over at its end all the same.
    await stand.store.pexpire(key, 60_000);
    offsetMs += 6_000;
    expect((await ann.call('GET', '/bff/user')).status).toBe(401);
    offsetMs = 0;
  });

  it('S8: ends when it is not used', async () => {
    const bob = await stand.signIn('bob');
    const key = `session:${await sidOf(bob)}`;
    await stand.store.pexpire(key, 30);
    await eventually(async () => (await bob.call('GET', '/bff/user?slide=false')).status === 401);
  });
});

describe('with a Redis that hangs', () => {
  let stand: Stand;
  let offsetMs = 0;
  let stoppedAt: number | undefined;
  beforeAll(async () => {
    stand = await startStand({ now: () => stoppedAt ?? Date.now() + offsetMs });
  }, 60_000);
  afterAll(() => stand.stop());

  it('waits for it once, not at each request', async () => {
    const ann = await stand.signIn('ann');
    await ann.call('GET', '/bff/user');
    process.kill(stand.redis.pid, 'SIGSTOP');
    try {
      // What was read a moment ago is asked for again.
      offsetMs = 300;
      const first = performance.now();
      expect((await ann.call('GET', '/api/messages/x')).status).toBe(200);
      expect(performance.now() - first).toBeWithin(1900, 4000);
      stoppedAt = Date.now() + offsetMs;
      const at = performance.now();
      for (let count = 0; count < 5; count++) expect((await ann.call('GET', '/api/messages/x')).status).toBe(200);
      // One more that waited would take as long as the first.
      expect(performance.now() - at).toBeLessThan(1900);
    } finally {
      process.kill(stand.redis.pid, 'SIGCONT');
    }
  }, 20_000);
});

describe('without Redis', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await startStand();
  }, 60_000);
  afterAll(() => stand.stop());

  it('serves whom it saw within a minute, sends nobody to sign in, and recovers', async () => {
    const [ann, bob] = [await stand.signIn('ann'), await stand.signIn('bob')];
    await ann.call('GET', '/bff/user');
    const fresh = await stand.another();
    await stand.redis.stop();

    expect((await ann.call('POST', '/api/messages/x', { body: '{}' })).status).toBe(200);
    const stranger = await bob.call('GET', '/bff/user', { at: fresh.url });
    expect(stranger.status).toBe(503);
    expect(stranger.headers.get('retry-after')).toBe('1');
    expect((await ann.call('POST', '/bff/realtime-ticket')).status).toBe(503);
    const login = await fetch(`${stand.url}/bff/login`, { redirect: 'manual', headers: { accept: 'text/html' } });
    expect([login.status, login.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    const signedOut = await fetch(`${stand.url}/bff/user`, { headers: { 'x-csrf': '1' } });
    expect(signedOut.status).toBe(401);
    const ready = await fetch(`${stand.url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { parts: { redis: 'down' } }]);

    await stand.redis.start();
    // An empty Redis has no sessions: now they are signed out, and may sign in again.
    await eventually(async () => (await ann.call('GET', '/bff/user')).status === 401, { timeoutMs: 10_000 });
    expect((await stand.signIn('ann')).landed.status).toBe(200);
  }, 30_000);
});
