import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { closeCodes } from '@chatapp/contract/frames';
import type { Device, SignedInUser } from '@chatapp/contract/http-bff';
import type { Page } from '@chatapp/contract/shapes';
import { openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { sessionName } from '../audit/audit.ts';

let stand: Stand;
let offsetMs = 0;
beforeAll(async () => {
  const env = { SESSION_IDLE_SECONDS: '3600', SESSION_ABSOLUTE_SECONDS: '7200' };
  stand = await startStand({ env, issuerEnv: { ACCESS_TOKEN_SECONDS: '86400' }, now: () => Date.now() + offsetMs });
}, 60_000);
afterAll(() => stand.stop());
afterEach(() => {
  offsetMs = 0;
});

/** As libfaketime would do it to us and to Redis, which counts by a clock of its own. */
const pass = async (keys: readonly string[], ms: number) => {
  offsetMs += ms;
  for (const key of keys) {
    const left = (await stand.store.pttl(key)) - ms;
    if (left > 0) await stand.store.pexpire(key, left);
    else await stand.store.del(key);
  }
};
const secondsUntil = (instant: string): number => (Date.parse(instant) - Date.now() - offsetMs) / 1000;
const use = async (browser: Browser, at = stand.url) => (await browser.call('GET', '/bff/user', { at })).status;
const look = async (browser: Browser, at = stand.url) =>
  (await browser.call('GET', '/bff/user?slide=false', { at })).status;
const userOf = async (browser: Browser, at = stand.url) =>
  (await (await browser.call('GET', '/bff/user', { at })).json()) as SignedInUser;

/** Ann signed in, with a socket at that instance; `key` is her session's in Redis. */
const annAt = async ({ url }: Instance = stand.first) => {
  const ann = await stand.signIn('ann');
  const headers = { origin: stand.url, cookie: ann.cookie() };
  const socket = openBrowserSocket(`${url.replace('http', 'ws')}/realtime?ticket=t`, headers);
  await socket.ready;
  const { user, logoutUrl } = await userOf(ann);
  const sid = logoutUrl.split('sid=')[1] ?? '';
  return { ann, socket, sid, userId: user.id, key: `session:${sid}` };
};

/** Seconds that the session has left, as whoever has its sockets is told; undefined where it lives no more. */
const toldSeconds = async (sid: string, { bff } = stand.first): Promise<number | undefined> => {
  const [session] = await bff.sessions.alive([sid]);
  return session && (session.expiresAt - Date.now() - offsetMs) / 1000;
};
const devices = async (browser: Browser, at = stand.url) =>
  ((await (await browser.call('GET', '/bff/sessions', { at })).json()) as Page<Device>).items;

describe('the idle time', () => {
  it('S8: a session lives to its last seconds, and no longer', async () => {
    const { ann, socket, key } = await annAt();
    await pass([key], 3_595_000);
    expect(await look(ann)).toBe(200);
    await stand.first.bff.relay.sweep();
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    await pass([key], 6_000);
    expect(await look(ann)).toBe(401);
    await stand.first.bff.relay.sweep();
    expect((await socket.ended).code).toBe(closeCodes.signedOut);
  });

  it('S8: is counted from the last use, also from one soon after another', async () => {
    const { ann, key } = await annAt();
    // Less than a sixtieth of the idle time.
    await pass([key], 59_000);
    expect(await use(ann)).toBe(200);
    await pass([key], 3_595_000);
    expect(await look(ann)).toBe(200);
    await pass([key], 6_000);
    expect(await look(ann)).toBe(401);
  });

  it('S8: that holds now is that of sessions which began under a longer one, used or not', async () => {
    const stricter = await stand.another({ SESSION_IDLE_SECONDS: '600' });
    const [used, unused] = [await annAt(stricter), await annAt(stricter)];
    expect(await use(used.ann, stricter.url)).toBe(200);
    expect(await toldSeconds(unused.sid, stricter)).toBeWithin(595, 601);
    await pass([used.key, unused.key], 590_000);
    expect([await look(used.ann, stricter.url), await look(unused.ann, stricter.url)]).toEqual([200, 200]);
    await pass([used.key, unused.key], 12_000);
    expect([await look(used.ann, stricter.url), await look(unused.ann, stricter.url)]).toEqual([401, 401]);
    await stricter.bff.relay.sweep();
    for (const { socket } of [used, unused]) expect((await socket.ended).code).toBe(closeCodes.signedOut);
  });
});

describe('the absolute time', () => {
  it('S8, S38: ends a session however busy it is, its socket too, and is told in time', async () => {
    const { ann, socket, sid, key } = await annAt();
    for (let count = 0; count < 3; count++) {
      await pass([key], 2_390_000);
      expect(await use(ann)).toBe(200);
    }
    expect(await toldSeconds(sid)).toBeWithin(20, 31);
    await pass([key], 31_000);
    expect(await use(ann)).toBe(401);
    expect(await toldSeconds(sid)).toBeUndefined();
    await stand.first.bff.relay.sweep();
    expect((await socket.ended).code).toBe(closeCodes.signedOut);
  });

  it('S8, S38: that holds now is that of sessions which began under a longer one, in all that is told of them', async () => {
    const stricter = await stand.another({ SESSION_ABSOLUTE_SECONDS: '4000' });
    const at = stricter.url;
    const { ann, socket, sid, userId, key } = await annAt(stricter);
    const told = async () => {
      const user = await userOf(ann, at);
      const [device] = (await devices(ann, at)).filter(({ current }) => current);
      return [user.sessionExpiresAt, device?.expiresAt ?? ''].map((instant) => secondsUntil(instant));
    };
    await pass([key], 3_500_000);
    // Used where the longer time holds still.
    expect(await use(ann)).toBe(200);
    for (const left of [...(await told()), await toldSeconds(sid, stricter)]) expect(left).toBeWithin(490, 501);
    await pass([key], 490_000);
    expect(await look(ann, at)).toBe(200);
    await stricter.bff.relay.sweep();
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    await pass([key], 12_000);
    expect(await use(ann, at)).toBe(401);
    expect(await toldSeconds(sid, stricter)).toBeUndefined();
    expect((await stricter.bff.sessions.ofUser(userId)).map((one) => one.sid)).not.toContain(sid);
    await stricter.bff.relay.sweep();
    expect((await socket.ended).code).toBe(closeCodes.signedOut);
  });
});

describe('a session that ended by itself', () => {
  let second: Instance;
  beforeAll(async () => {
    second = await stand.another();
  });
  const noted = (sid: string) => {
    const ends = stand.audited('session.ended').filter(({ session }) => session === sessionName(sid));
    return ends.map(({ reason, userId }) => ({ reason, userId }));
  };
  /** Told to every service. */
  const told = async (sid: string) =>
    (await stand.store.xrange('events', '-', '+')).filter(([, fields]) => JSON.parse(fields[1] ?? '').data.sid === sid);
  /** As a page that comes back, at both instances at once, beside all else that looks sessions up. */
  const meet = async ({ ann, sid, userId }: Awaited<ReturnType<typeof annAt>>) => {
    const asked = [stand.url, stand.url, second.url, second.url].map((at) => look(ann, at));
    const { bff } = second;
    const others = [stand.first.bff.relay.sweep(), bff.sessions.alive([sid]), bff.sessions.ofUser(userId)];
    expect(await Promise.all(asked)).toEqual([401, 401, 401, 401]);
    await Promise.all(others);
  };

  it.each([
    ['idle for too long', [3_601_000]],
    ['too old', [2_390_000, 2_390_000, 2_390_000, 31_000]],
  ])('S48: is noted once, whoever meets it, and told to nobody (%s)', async (_, steps) => {
    const session = await annAt();
    const { ann, sid, userId, key } = session;
    for (const ms of steps) {
      expect([await use(ann), await use(ann, second.url)]).toEqual([200, 200]);
      await pass([key], ms);
    }
    for (let round = 0; round < 2; round++) await meet(session);
    expect(noted(sid)).toEqual([{ reason: 'expired', userId }]);
    expect(await stand.store.exists(key)).toBe(0);
    expect(await told(sid)).toEqual([]);
    expect((await session.socket.ended).code).toBe(closeCodes.signedOut);
  });

  it('S48: is noted where a socket of it is looked at, and nobody comes back', async () => {
    const { sid, userId, socket, key } = await annAt();
    await pass([key], 3_601_000);
    await stand.first.bff.relay.sweep();
    expect((await socket.ended).code).toBe(closeCodes.signedOut);
    expect(noted(sid)).toEqual([{ reason: 'expired', userId }]);
  });

  it('S48: is not one that Redis lost before its time', async () => {
    const { ann, sid, key } = await annAt();
    // Its last use moved its end.
    await pass([key], 2_390_000);
    expect(await use(ann)).toBe(200);
    await pass([key], 2_390_000);
    await stand.store.del(key);
    expect(await look(ann)).toBe(401);
    expect(noted(sid)).toEqual([]);
  });

  it('S48: is not one that somebody ended, which another instance knew', async () => {
    const { ann, sid, userId, key } = await annAt();
    expect(await use(ann, second.url)).toBe(200);
    await ann.call('GET', `/bff/logout?sid=${sid}`);
    await pass([key], 3_601_000);
    expect(await look(ann, second.url)).toBe(401);
    expect(noted(sid)).toEqual([{ reason: 'logout', userId }]);
  });
});

describe('when a device was last used', () => {
  it('is told also shortly before its session ends for its age', async () => {
    const [phone, laptop] = [await annAt(), await annAt()];
    for (const ms of [3_000_000, 2_400_000]) {
      await pass([phone.key, laptop.key], ms);
      expect([await use(phone.ann), await use(laptop.ann)]).toEqual([200, 200]);
    }
    await pass([phone.key, laptop.key], 60_000);
    const device = (await devices(laptop.ann)).find(({ id }) => id === phone.sid);
    expect(secondsUntil(device?.lastSeenAt ?? '')).toBeWithin(-65, -58);
    expect(secondsUntil(device?.expiresAt ?? '')).toBeWithin(1730, 1741);
  });
});
