import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import type { Problem } from '@chatapp/contract/problem';
import { everyRoute } from '../../testing/every-route.ts';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';
import { type ProxyRoute, proxyRoutes } from '../proxy/routes.ts';

const [usual] = proxyRoutes;
if (usual === undefined) throw new Error('there are no routes');
const forAnybody: ProxyRoute = { ...usual, prefix: '/api/anybody', token: 'user-or-machine' };

let stand: Stand;
let ann: Browser;
let bob: Browser;
let annId: string;
let bobId: string;
beforeAll(async () => {
  stand = await startStand({ proxyRoutes: [...proxyRoutes, forAnybody] });
  [ann, bob] = [await stand.signIn('ann'), await stand.signIn('bob')];
  [annId, bobId] = [(await userOf(ann)).user.id, (await userOf(bob)).user.id];
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => stand.mirror.clear());

const userOf = async (browser: Browser) => (await (await browser.call('GET', '/bff/user')).json()) as SignedInUser;
const keyOf = async (browser: Browser) => `session:${(await userOf(browser)).logoutUrl.split('sid=')[1]}`;
const routes = () => everyRoute(stand.first.bff).filter(({ policy }) => policy.opens === 'session');
const from = (userId: string) => ({ headers: { 'page-user': userId } });

describe('a page of one person in the browser of another, by its Page-User', () => {
  it('is signed out on every route that the cookie opens, before anything is done', async () => {
    // Ann's page, with the cookie of Bob, who signed in in the next tab.
    const key = await keyOf(bob);
    await stand.store.pexpire(key, 600_000);
    const tickets = await stand.store.keys('ticket:*');
    stand.mirror.clear();
    expect(routes().length).toBeGreaterThan(15);
    for (const { method, path } of routes()) {
      const response = await bob.call(method, path, from(annId));
      const code = method === 'HEAD' ? 'signed-out' : ((await response.json()) as Problem).code;
      expect([method, path, response.status, code]).toEqual([method, path, 401, 'signed-out']);
      expect([method, path, response.headers.getSetCookie()]).toEqual([method, path, []]);
    }
    const others = await bob.call('DELETE', '/bff/sessions?others=true', from(annId));
    expect(others.status).toBe(401);
    expect(stand.mirror.seen).toEqual([]);
    expect(await stand.store.keys('ticket:*')).toEqual(tickets);
    // Neither ended nor prolonged.
    expect(await stand.store.pttl(key)).toBeWithin(500_000, 600_001);
    expect((await bob.call('GET', '/bff/user')).status).toBe(200);
  });

  it('says who it is for to the letter: nobody, two people and another spelling are nobody’s', async () => {
    for (const name of ['', `${bobId}, ${annId}`, bobId.toUpperCase(), `${bobId}x`, 'bob']) {
      expect([name, (await bob.call('GET', '/bff/user', from(name))).status]).toEqual([name, 401]);
    }
  });

  it('does not prolong the session that was read a moment ago', async () => {
    const key = await keyOf(bob);
    await bob.call('GET', '/api/messages/x', from(bobId));
    await stand.store.pexpire(key, 600_000);
    await Bun.sleep(120);
    expect((await bob.call('GET', '/api/messages/x', from(annId))).status).toBe(401);
    await Bun.sleep(200);
    expect(await stand.store.pttl(key)).toBeWithin(500_000, 600_001);
  });

  it('is signed out though the session was read a moment ago, and while Redis is away', async () => {
    const ask = async (userId: string) => (await bob.call('GET', '/api/messages/x', from(userId))).status;
    expect([await ask(bobId), await ask(annId)]).toEqual([200, 401]);
    process.kill(stand.redis.pid, 'SIGSTOP');
    try {
      expect([await ask(bobId), await ask(annId)]).toEqual([200, 401]);
    } finally {
      process.kill(stand.redis.pid, 'SIGCONT');
    }
  }, 20_000);

  it('S43: counts against its address, and takes nothing of the person’s own limit', async () => {
    const instance = await stand.another({ ADDRESS_REQUESTS_PER_MINUTE: '10', REQUESTS_PER_MINUTE: '5' });
    await stand.store.del(...(await stand.store.keys('limit:bff:*')));
    const ask = async (userId: string) =>
      (await bob.call('GET', '/bff/user', { at: instance.url, ...from(userId) })).status;
    const refused = await Promise.all(Array.from({ length: 15 }, () => ask(annId)));
    expect(refused.sort()).toEqual([...Array(10).fill(401), ...Array(5).fill(429)]);
    expect(await ask(bobId)).toBe(200);
  });

  it('opens no socket', async () => {
    const shake = (userId: string) =>
      fetch(`${stand.url}/realtime?ticket=t`, {
        headers: {
          ...{ connection: 'Upgrade', upgrade: 'websocket', origin: stand.url, cookie: bob.cookie() },
          ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'page-user': userId },
        },
      });
    expect((await shake(annId)).status).toBe(401);
    expect(stand.mirror.seen).toEqual([]);
  });
});

describe('a page of the person of the session, by its Page-User', () => {
  it('is served as one that does not say whose it is, and the header reaches no service', async () => {
    for (const { method, path } of routes()) {
      const isEnd = method === 'DELETE' && path.startsWith('/bff/');
      if (isEnd) continue;
      const [named, unnamed] = [await bob.call(method, path, from(bobId)), await bob.call(method, path)];
      expect([method, path, named.status]).toEqual([method, path, unnamed.status]);
      expect([method, path, named.status]).not.toEqual([method, path, 401]);
    }
    expect(stand.mirror.seen.length).toBeGreaterThan(10);
    for (const { headers } of stand.mirror.seen) expect(Object.keys(headers)).not.toContain('page-user');
  });

  it('asks as anybody where nobody is signed in', async () => {
    const signedOut = await fetch(`${stand.url}/api/anybody/x`, { headers: { 'x-csrf': '1', 'page-user': annId } });
    expect(signedOut.status).toBe(200);
    expect((await bob.call('GET', '/api/anybody/x', from(annId))).status).toBe(401);
    expect(stand.mirror.seen).toHaveLength(1);
  });
});
