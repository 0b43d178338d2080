import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { closeCodes } from '@chatapp/contract/frames';
import type { Device, SignedInUser } from '@chatapp/contract/http-bff';
import { openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let second: Instance;
let offsetMs = 0;
beforeAll(async () => {
  stand = await startStand({ now: () => Date.now() + offsetMs });
  second = await stand.another();
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => {
  offsetMs = 0;
});

const sidOf = async (browser: Browser) =>
  ((await (await browser.call('GET', '/bff/user?slide=false')).json()) as SignedInUser).logoutUrl.split('sid=')[1] ??
  '';
const statuses = async (browser: Browser) =>
  await Promise.all([stand.url, second.url].map(async (at) => (await browser.call('GET', '/bff/user', { at })).status));
const reasonsOf = async (sid: string) => {
  const events = (await stand.store.xrange('events', '-', '+')).map(([, fields]) => JSON.parse(fields[1] ?? ''));
  return events.filter(({ type, data }) => type === 'session.ended' && data.sid === sid).map(({ data }) => data.reason);
};

/** A browser that is signed in, with a socket open. */
const device = async (login: string, userAgent = 'Browser/1') => {
  const browser = await stand.signIn(login, { userAgent });
  const headers = { origin: stand.url, cookie: browser.cookie() };
  const socket = openBrowserSocket(`${stand.url.replace('http', 'ws')}/realtime?ticket=t`, headers);
  await socket.ready;
  return { ...browser, ...socket, sid: await sidOf(browser) };
};
type OpenDevice = Awaited<ReturnType<typeof device>>;

/** Its cookie dead at every instance, its socket closed, every service told. */
const expectEnded = async ({ ended, sid, ...browser }: OpenDevice) => {
  expect(await ended).toEqual({ code: closeCodes.signedOut, reason: 'signed out' });
  expect(await statuses(browser)).toEqual([401, 401]);
  expect(await reasonsOf(sid)).toEqual(['ended-elsewhere']);
};
const expectUntouched = async ({ socket, sid, ...browser }: OpenDevice) => {
  expect(await statuses(browser)).toEqual([200, 200]);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(await reasonsOf(sid)).toEqual([]);
};

describe('GET /bff/sessions', () => {
  /** For us and for Redis, which counts by a clock of its own. */
  const pass = async (ms: number) => {
    offsetMs += ms;
    for (const key of await stand.store.keys('session:*')) {
      if ((await stand.store.type(key)) === 'string')
        await stand.store.pexpire(key, (await stand.store.pttl(key)) - ms);
    }
  };
  const minutesMs = 60_000;
  const secondsAgo = (instant: string) => Math.round((Date.now() + offsetMs - Date.parse(instant)) / 1000);

  it('S11: tells each of my devices by its browser, when it signed in and was last seen, and none of anybody else’s', async () => {
    const phone = await stand.signIn('bob', { userAgent: `Phone/1 (${'x'.repeat(300)})` });
    await pass(20 * minutesMs);
    const tablet = await stand.signIn('bob', { userAgent: 'Tablet/2' });
    await stand.signIn('eve', { userAgent: 'Eve/1' });
    await pass(15 * minutesMs);
    expect((await phone.call('GET', '/bff/user')).status).toBe(200);
    await pass(10 * minutesMs);
    const laptop = await stand.signIn('bob', { userAgent: 'Laptop/3' });

    const { items } = (await (await laptop.call('GET', '/bff/sessions')).json()) as { items: Device[] };
    const found = items.map(({ id, current, userAgent, startedAt, lastSeenAt }) => ({
      ...{ id, current, userAgent },
      startedMinutesAgo: Math.round(secondsAgo(startedAt) / 60),
      seenMinutesAgo: Math.round(secondsAgo(lastSeenAt) / 60),
    }));
    const [laptopSid, tabletSid, phoneSid] = [await sidOf(laptop), await sidOf(tablet), await sidOf(phone)];
    expect(found).toEqual([
      { id: laptopSid, current: true, userAgent: 'Laptop/3', startedMinutesAgo: 0, seenMinutesAgo: 0 },
      { id: tabletSid, current: false, userAgent: 'Tablet/2', startedMinutesAgo: 25, seenMinutesAgo: 25 },
      {
        ...{ id: phoneSid, current: false, userAgent: `Phone/1 (${'x'.repeat(247)}` },
        ...{ startedMinutesAgo: 45, seenMinutesAgo: 10 },
      },
    ]);
  });
});

describe('DELETE /bff/sessions', () => {
  it('S11: ends one of my devices, or all others, each with its socket, and nobody else’s', async () => {
    const [carol, phone, tablet] = [await device('carol'), await device('carol'), await device('carol')];
    const [watch, eve] = [await device('carol'), await device('eve')];

    expect((await eve.call('DELETE', `/bff/sessions/${phone.sid}`)).status).toBe(404);
    expect((await carol.call('DELETE', '/bff/sessions')).status).toBe(422);
    for (const one of [carol, phone, tablet, watch, eve]) await expectUntouched(one);

    expect((await carol.call('DELETE', `/bff/sessions/${phone.sid}`)).status).toBe(204);
    await expectEnded(phone);
    for (const one of [carol, tablet, watch, eve]) await expectUntouched(one);

    expect((await carol.call('DELETE', '/bff/sessions?others=true')).status).toBe(204);
    for (const one of [tablet, watch]) await expectEnded(one);
    for (const one of [carol, eve]) await expectUntouched(one);
  });
});

describe('the end of an account', () => {
  it('S11: signs the person out on every other device; where it is refused nothing ends', async () => {
    const [here, there] = [await device('dave'), await device('dave')];
    const remove = async (status: number) => {
      stand.mirror.answer(() => new Response(null, { status }));
      const answer = await here.call('DELETE', '/api/conversations/me');
      stand.mirror.answer();
      return answer.status;
    };
    expect(await remove(409)).toBe(409);
    for (const one of [here, there]) await expectUntouched(one);
    expect(await remove(204)).toBe(204);
    await expectEnded(there);
    await expectUntouched(here);
    const end = stand.audited('session.ended').at(-1);
    expect(end).toMatchObject({ reason: 'ended-elsewhere', requestId: expect.any(String), address: '127.0.0.1' });
  });
});
