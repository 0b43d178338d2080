import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let second: Instance;
beforeAll(async () => {
  stand = await startStand();
  second = await stand.another();
}, 60_000);
afterAll(() => stand.stop());

const userOf = async (browser: Browser) => (await (await browser.call('GET', '/bff/user')).json()) as SignedInUser;
const sidOf = async (browser: Browser) => (await userOf(browser)).logoutUrl.split('sid=')[1] ?? '';
const statusOf = async (browser: Browser, at = stand.url) => (await browser.call('GET', '/bff/user', { at })).status;

describe('the record of a session that is corrupt', () => {
  const corrupt: Record<string, (record: string) => string> = {
    'is no JSON': (record) => record.slice(1),
    'is no record': () => 'null',
    'has no box': (record) => record.replace(/"box":"[^"]+"/, '"x":1'),
    'has a box that another key sealed': (record) => record.replace(/("box":")..../, '$1AAAA'),
  };

  it.each(Object.keys(corrupt))('signs its person out, and nobody else (%s)', async (how) => {
    const [ann, bob] = [await stand.signIn('ann'), await stand.signIn('bob')];
    expect([await statusOf(ann), await statusOf(bob)]).toEqual([200, 200]);
    const key = `session:${await sidOf(ann)}`;
    await stand.store.set(key, corrupt[how]?.((await stand.store.get(key)) ?? '') ?? '', 'KEEPTTL');
    expect(await statusOf(ann)).toBe(401);
    // Redis is not taken for away: the end of another session, at another instance, is seen at once.
    const { logoutUrl } = await userOf(bob);
    await bob.call('GET', logoutUrl, { at: second.url });
    expect(await statusOf(bob)).toBe(401);
    expect((await stand.signIn('ann')).landed.status).toBe(200);
  });
});

describe('the end of a session that Redis takes but for', () => {
  const allow = (command: string, isAllowed: boolean) =>
    stand.store.call('ACL', 'SETUSER', 'default', `${isAllowed ? '+' : '-'}${command}`);
  const told = async (sid: string) =>
    (await stand.store.xrange('events', '-', '+')).filter(([, fields]) => JSON.parse(fields[1] ?? '').data.sid === sid);

  it('its event is told when Redis takes that, too, once', async () => {
    const ann = await stand.signIn('ann');
    const sid = await sidOf(ann);
    await allow('xadd', false);
    try {
      const answer = await ann.call('GET', `/bff/logout?sid=${sid}`);
      expect([answer.status, await statusOf(ann)]).toEqual([303, 401]);
      expect(await told(sid)).toEqual([]);
    } finally {
      await allow('xadd', true);
    }
    await eventually(async () => (await told(sid)).length > 0);
    expect(await told(sid)).toHaveLength(1);
  });

  it('its place in the lists is told at once', async () => {
    const [ann, elsewhere] = [await stand.signIn('ann'), await stand.signIn('ann')];
    const sid = await sidOf(ann);
    await allow('zrem', false);
    try {
      await ann.call('GET', `/bff/logout?sid=${sid}`);
    } finally {
      await allow('zrem', true);
    }
    expect(await told(sid)).toHaveLength(1);
    const devices = (await (await elsewhere.call('GET', '/bff/sessions')).json()) as { items: { id: string }[] };
    expect(devices.items.map(({ id }) => id)).not.toContain(sid);
  });
});
