import { afterAll, beforeAll, beforeEach, describe, expect, it, spyOn } from 'bun:test';
import { closeCodes } from '@chatapp/contract/frames';
import { SignedInUser } from '@chatapp/contract/http-bff';
import { compileSchema } from '@chatapp/service/schema';
import { decodeJwt } from 'jose';
import { signInByForms } from '../../../../dev/issuer/sign-in.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Browser, CookieJar, type Stand, startStand } from '../../testing/harness.ts';
import { rogueStand } from '../../testing/rogue-sign-in.ts';

let stand: Stand;
let offsetMs = 0;
beforeAll(async () => {
  stand = await startStand({ now: () => Date.now() + offsetMs });
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => stand.mirror.clear());

const sessionCookie = () => `__Host-Http-session-${new URL(stand.url).port}`;
const sessionKeys = async () => (await stand.store.keys('session:*')).filter((key) => key.split(':').length === 2);

/** Walks to the callback and stops in front of it. */
const walkToCallback = async (cookies = new CookieJar(), returnTo = '/') => {
  const startUrl = `${stand.url}/bff/login?${new URLSearchParams({ returnTo })}`;
  const stopAt = (url: URL) => url.pathname === '/bff/callback';
  const walk = await signInByForms({ startUrl, login: 'ann', password: 'ann', cookies, stopAt });
  return { callback: walk.finalUrl, cookies };
};
const userStatus = async (secret: string) => {
  const headers = { cookie: `${sessionCookie()}=${secret}`, 'x-csrf': '1', origin: stand.url };
  return (await fetch(`${stand.url}/bff/user`, { headers })).status;
};
const open = (url: string, cookies: CookieJar) =>
  fetch(url, { redirect: 'manual', headers: { accept: 'text/html', cookie: cookies.header(url) } });

describe('signing in', () => {
  it('ends where the person wanted to be, with a session and nothing else in the browser', async () => {
    const { cookies, callback } = await walkToCallback(new CookieJar(), '/c/5?m=1#x');
    const response = await open(callback, cookies);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`${stand.url}/c/5?m=1#x`);
    const [session, login, ...more] = response.headers.getSetCookie();
    expect(session).toMatch(
      /^__Host-Http-session-\d+=[\w-]{43}; Path=\/; Max-Age=604800; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(login).toMatch(/^__Host-Http-login-\d+-[\w-]{10}=; Path=\/; Max-Age=0; Secure; HttpOnly; SameSite=Lax$/);
    expect(more).toEqual([]);
    cookies.take(new URL(callback), response);
    const user = await fetch(`${stand.url}/bff/user`, {
      headers: { cookie: cookies.header(stand.url), 'x-csrf': '1', origin: stand.url },
    });
    const body: unknown = await user.json();
    expect(compileSchema(SignedInUser).faults(body)).toEqual([]);
    expect(body).toMatchObject({ user: { name: 'Ann', email: 'ann@example.test', emailVerified: true } });
    expect(user.headers.getSetCookie()).toEqual([]);
  });

  it('S1: pushes its parameters where the issuer takes them, and binds the sign-in to this browser for ten minutes', async () => {
    const start = await fetch(`${stand.url}/bff/login`, { redirect: 'manual' });
    // All but the client's name and the reference stays off the browser's history.
    const { searchParams } = new URL(start.headers.get('location') ?? '');
    expect([...searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    expect(start.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-Http-login-\d+-[\w-]{10}=[\w-]{43}; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/,
      ),
    ]);
  });

  it('tells the directory who it is, as a machine that may only do that', async () => {
    const ann = await stand.signIn('ann');
    const user = (await (await ann.call('GET', '/bff/user')).json()) as SignedInUser;
    const [told, ...more] = stand.mirror.seen.filter(
      ({ method, path }) => method === 'PUT' && path.startsWith('/internal/'),
    );
    expect(more).toEqual([]);
    expect(told).toMatchObject({ method: 'PUT', path: `/internal/users/${user.user.id}` });
    const claims = decodeJwt(told?.headers.authorization?.slice(7) ?? '');
    expect(claims).toMatchObject({ sub: 'bff', aud: 'urn:chatapp:conversations', scope: 'conversations:users.write' });
    expect(user.user.createdAt).toBe('2026-01-01T00:00:00.000Z');
  });

  it('works while the directory is away, and tells it as soon as it is back', async () => {
    stand.mirror.directoryDown(true);
    const ann = await stand.signIn('ann');
    const before = (await (await ann.call('GET', '/bff/user')).json()) as SignedInUser;
    expect(before.user).toMatchObject({ name: 'Ann', createdAt: null });
    stand.mirror.directoryDown(false);
    // The breaker lets a call through again after half a second.
    await eventually(async () => {
      const after = (await (await ann.call('GET', '/bff/user')).json()) as SignedInUser;
      return after.user.createdAt === '2026-01-01T00:00:00.000Z';
    });
    stand.mirror.seen.length = 0;
    await ann.call('GET', '/bff/user');
    expect(stand.mirror.seen.map(({ method }) => method)).toEqual(['GET']);
  }, 20_000);

  it('tells the person as the directory has them now, on every device, and as it had them last while it is away', async () => {
    const [phone, laptop] = [await stand.signIn('ann'), await stand.signIn('ann')];
    const nameOf = async (browser: Browser) =>
      ((await (await browser.call('GET', '/bff/user?slide=false')).json()) as SignedInUser).user.name;
    const { user } = (await (await phone.call('GET', '/bff/user')).json()) as SignedInUser;
    stand.mirror.rename(user.id, 'Anna');
    expect([await nameOf(phone), await nameOf(laptop)]).toEqual(['Anna', 'Anna']);
    stand.mirror.directoryDown(true);
    expect([await nameOf(phone), await nameOf(laptop)]).toEqual(['Anna', 'Anna']);
    stand.mirror.directoryDown(false);
  });

  it('lets several tabs sign in at once', async () => {
    const cookies = new CookieJar();
    const one = await walkToCallback(cookies, '/c/1');
    const two = await walkToCallback(cookies, '/c/2');
    const first = await open(one.callback, cookies);
    expect(first.headers.get('location')).toBe(`${stand.url}/c/1`);
    cookies.take(new URL(one.callback), first);
    expect((await open(two.callback, cookies)).headers.get('location')).toBe(`${stand.url}/c/2`);
  });

  it('keeps at most eight sign-ins of one browser', async () => {
    const cookies = new CookieJar();
    for (let count = 0; count < 12; count++) {
      cookies.take(new URL(stand.url), await open(`${stand.url}/bff/login`, cookies));
    }
    expect(cookies.header(stand.url).split('; ')).toHaveLength(8);
  });

  it('S6: gives a new secret at each sign-in, whatever cookie was there, and ends the session before', async () => {
    const planted = 'A'.repeat(43);
    const cookies = new CookieJar();
    const line = `${sessionCookie()}=${planted}; Path=/; Secure; HttpOnly; SameSite=Strict`;
    cookies.take(new URL(stand.url), new Response(null, { headers: { 'set-cookie': line } }));
    const { callback } = await walkToCallback(cookies);
    expect(cookies.header(stand.url)).toContain(planted);
    cookies.take(new URL(callback), await open(callback, cookies));
    const first = cookies.get(sessionCookie()) ?? '';
    expect(first).toMatch(/^[\w-]{43}$/);
    expect(first).not.toBe(planted);
    expect([await userStatus(planted), await userStatus(first)]).toEqual([401, 200]);

    // The issuer remembers Ann: no form this time.
    await signInByForms({ startUrl: `${stand.url}/bff/login`, login: 'ann', password: 'ann', cookies });
    const second = cookies.get(sessionCookie()) ?? '';
    expect([planted, first]).not.toContain(second);
    expect([await userStatus(planted), await userStatus(first), await userStatus(second)]).toEqual([401, 401, 200]);
  });

  describe('in two tabs side by side', () => {
    /** As a browser: a Strict cookie does not come along from the issuer, where that is another site. */
    const withoutSession = (cookies: CookieJar) =>
      cookies
        .header(stand.url)
        .split('; ')
        .filter((pair) => !pair.startsWith(sessionCookie()))
        .join('; ');
    const statusOf = (secret: string | undefined) => userStatus(secret ?? '');
    const finish = async (callback: string, cookies: CookieJar, cookie: string) => {
      cookies.take(new URL(callback), await fetch(callback, { redirect: 'manual', headers: { cookie } }));
      return cookies.get(sessionCookie());
    };

    it('S6: leaves no session that nobody has the cookie of, nor ends that of another browser', async () => {
      const elsewhere = await stand.signIn('ann');
      const { callback, cookies } = await walkToCallback();
      const other = await walkToCallback(cookies);
      const first = await finish(callback, cookies, withoutSession(cookies));
      expect(await statusOf(first)).toBe(200);
      const second = await finish(other.callback, cookies, withoutSession(cookies));
      expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
      expect((await elsewhere.call('GET', '/bff/user')).status).toBe(200);
      expect(stand.audited('session.ended').at(-1)).toMatchObject({ reason: 'signed-in-again' });
    });

    it('S6: leaves one session where both end at once', async () => {
      const { callback, cookies } = await walkToCallback();
      const other = await walkToCallback(cookies);
      const jars = [new CookieJar(), new CookieJar()];
      const cookie = withoutSession(cookies);
      const secrets = await Promise.all(
        [callback, other.callback].map((url, index) => finish(url, jars[index] ?? cookies, cookie)),
      );
      expect((await Promise.all(secrets.map(statusOf))).sort()).toEqual([200, 401]);
    });

    it('S6: leaves one session where the earlier one is kept after the later one has looked', async () => {
      const { callback, cookies } = await walkToCallback();
      const other = await walkToCallback(cookies);
      const cookie = withoutSession(cookies);
      const later = await finish(other.callback, new CookieJar(), cookie);
      offsetMs = -1000;
      const earlier = await finish(callback, new CookieJar(), cookie);
      offsetMs = 0;
      expect([await statusOf(earlier), await statusOf(later)]).toEqual([401, 200]);
    });

    it('S6: leaves the browser the cookie of the later one, in whatever order the answers arrive', async () => {
      const cookies = new CookieJar();
      await signInByForms({ startUrl: `${stand.url}/bff/login`, login: 'ann', password: 'ann', cookies });
      const former = cookies.get(sessionCookie());
      const [one, two] = [await walkToCallback(cookies), await walkToCallback(cookies)];
      const cookie = withoutSession(cookies);
      const elsewhere = await stand.another();
      // The first one has begun its session and is held up on the way to its answer, by the end of the one before.
      const { sessions } = stand.first.bff;
      const { end } = sessions;
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const held = spyOn(sessions, 'end').mockImplementation(async (...args) => {
        reached.resolve();
        await released.promise;
        return await end(...args);
      });
      try {
        const slow = fetch(one.callback, { redirect: 'manual', headers: { cookie } });
        await reached.promise;
        const later = two.callback.replace(stand.url, elsewhere.url);
        cookies.take(new URL(two.callback), await fetch(later, { redirect: 'manual', headers: { cookie } }));
        released.resolve();
        const answer = await slow;
        expect([answer.status, answer.headers.get('location')]).toEqual([303, `${stand.url}/`]);
        expect(answer.headers.getSetCookie().join()).not.toContain('__Host-Http-session');
        cookies.take(new URL(one.callback), answer);
      } finally {
        held.mockRestore();
      }
      expect([await statusOf(former), await statusOf(cookies.get(sessionCookie()))]).toEqual([401, 200]);
      expect(cookies.header(stand.url)).not.toContain('login');
    });

    it('S6: closes the sockets of the one before', async () => {
      const ann = await stand.signIn('ann');
      const former = ann.cookies.get(sessionCookie());
      const headers = { origin: stand.url, cookie: ann.cookie() };
      const socket = openBrowserSocket(`${stand.url.replace('http', 'ws')}/realtime?ticket=t`, headers);
      await socket.ready;
      const { callback, cookies } = await walkToCallback(ann.cookies);
      cookies.take(new URL(callback), await open(callback, cookies));
      expect([await statusOf(former), await statusOf(cookies.get(sessionCookie()))]).toEqual([401, 200]);
      expect((await socket.ended).code).toBe(closeCodes.signedOut);
      const events = async () =>
        (await stand.store.xrange('events', '-', '+')).map(([, fields]) => JSON.parse(fields[1] ?? ''));
      await eventually(async () => (await events()).at(-1)?.data.reason === 'signed-in-again');
    });

    it('S6: ends the session of a cookie that came since, though the issuer names no session', async () => {
      const { rogue, instance, start, finish: comeBack } = await rogueStand(stand);
      const [one, two] = [await start(), await start()];
      const signIn = async ({ cookies, told }: typeof one) => {
        rogue.say({ id_token: await rogue.sign({ nonce: told.get('nonce') }) });
        cookies.take(new URL(stand.url), await comeBack(cookies, told.get('state') ?? ''));
      };
      await signIn(one);
      const first = one.cookies.get(sessionCookie());
      const mixed = new CookieJar();
      mixed.take(
        new URL(stand.url),
        new Response(null, {
          headers: [...`${one.cookies.header(stand.url)}; ${two.cookies.header(stand.url)}`.split('; ')].map((pair) => [
            'set-cookie',
            `${pair}; Path=/; Secure; HttpOnly`,
          ]),
        }),
      );
      await signIn({ cookies: mixed, told: two.told });
      expect([await statusOf(first), await statusOf(mixed.get(sessionCookie()))]).toEqual([401, 200]);
      expect(instance.logged.join()).toContain('signed-in-again');
      await rogue.stop();
    });
  });
});

describe('GET /bff/callback', () => {
  const refused = async (url: string, cookies: CookieJar, title = '') => {
    const before = await sessionKeys();
    const response = await open(url, cookies);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('text/html');
    const page = await response.text();
    expect(page).toContain('login-failed');
    expect(page).toContain(title);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect((await sessionKeys()).sort()).toEqual(before.sort());
  };
  const changed = (url: string, change: (query: URLSearchParams) => void) => {
    const other = new URL(url);
    change(other.searchParams);
    return other.href;
  };

  it('S1: refuses the answer in another browser', async () => {
    const { callback } = await walkToCallback();
    await refused(callback, new CookieJar());
    const other = await walkToCallback();
    await refused(callback, other.cookies);
  });

  it('S4: takes each answer once, and leaves the session that it made alone', async () => {
    const { callback, cookies } = await walkToCallback();
    const loginCookie = cookies.header(stand.url);
    const first = await open(callback, cookies);
    cookies.take(new URL(callback), first);
    const again = await fetch(callback, {
      redirect: 'manual',
      headers: { cookie: `${loginCookie}; ${cookies.header(stand.url)}` },
    });
    expect(again.status).toBe(400);
    const user = await fetch(`${stand.url}/bff/user`, {
      headers: { cookie: cookies.header(stand.url), 'x-csrf': '1', origin: stand.url },
    });
    expect(user.status).toBe(200);
  });

  it.each<[string, (query: URLSearchParams) => void]>([
    ['no state', (query) => query.delete('state')],
    ['another state', (query) => query.set('state', 'A'.repeat(22))],
    ['no code', (query) => query.delete('code')],
    ['another code', (query) => query.set('code', 'x'.repeat(43))],
    ['another issuer', (query) => query.set('iss', 'https://evil.example')],
    ['no issuer', (query) => query.delete('iss')],
    ['two codes', (query) => query.append('code', 'x')],
    ['an error', (query) => query.set('error', 'access_denied')],
  ])('S1, S2: refuses an answer with %s', async (_name, change) => {
    const { callback, cookies } = await walkToCallback();
    await refused(changed(callback, change), cookies);
  });

  it('S1: refuses an answer whose state was used before, with the cookie that belongs to it', async () => {
    const { callback, cookies } = await walkToCallback();
    expect((await open(callback, cookies)).status).toBe(303);
    await refused(callback, cookies, 'This sign-in is over');
  });

  it('S1: takes an answer for ten minutes by the clock of the process, and none after, whatever the store still holds', async () => {
    const minutesMs = 60_000;
    const inTime = await walkToCallback();
    const late = await walkToCallback();
    const key = `login:${new URL(late.callback).searchParams.get('state')}`;
    expect(await stand.store.ttl(key)).toBeWithin(540, 601);
    try {
      offsetMs = 9 * minutesMs;
      expect((await open(inTime.callback, inTime.cookies)).status).toBe(303);
      offsetMs = 11 * minutesMs;
      expect(await stand.store.exists(key)).toBe(1);
      await refused(late.callback, late.cookies, 'This sign-in is over');
    } finally {
      offsetMs = 0;
    }
    // Neither does it count again when the clock goes back.
    await refused(late.callback, late.cookies, 'This sign-in is over');
  });

  it('S6: keeps nothing readable of a sign-in in Redis', async () => {
    const { callback, cookies } = await walkToCallback(new CookieJar(), '/canary-path');
    const state = new URL(callback).searchParams.get('state') ?? '';
    const kept = (await stand.store.get(`login:${state}`)) ?? '';
    expect(kept).toMatch(/^[\w-]+$/);
    expect(kept).not.toContain('canary');
    expect(cookies.header(stand.url)).not.toContain(kept);
  });
});

describe('GET /bff/login', () => {
  it('shows a page while the issuer is away, and works again when it is back', async () => {
    const other = await stand.another();
    await stand.issuer.stop();
    const response = await fetch(`${other.url}/bff/login`, { redirect: 'manual' });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.text()).toContain('try again');
    await stand.issuer.start();
    const again = await fetch(`${other.url}/bff/login`, { redirect: 'manual' });
    expect(again.status).toBe(303);
  }, 30_000);
});
