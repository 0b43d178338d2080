import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { signInByForms } from '../../../../dev/issuer/sign-in.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestIssuer, testIssuer } from '../../../../dev/testing/issuer.ts';
import { type Browser, browserWith, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { type RogueStand, rogueStand } from '../../testing/rogue-sign-in.ts';

const quarterHourMs = 900_000;

describe('F39: the issuer is away for a quarter of an hour', () => {
  let stand: Stand;
  let second: Instance;
  let offsetMs = 0;
  beforeAll(async () => {
    stand = await startStand({ issuerEnv: { ACCESS_TOKEN_SECONDS: '1800' }, now: () => Date.now() + offsetMs });
    second = await stand.another();
  }, 60_000);
  afterAll(() => stand.stop());

  const statuses = (browser: Browser) =>
    Promise.all(
      [stand.url, second.url].flatMap((at) =>
        ['/bff/user', '/api/conversations/conversations'].map(
          async (path) => (await browser.call('GET', path, { at })).status,
        ),
      ),
    );

  const readiness = () =>
    Promise.all(
      [stand.url, second.url].map(async (at) => {
        const answer = await fetch(`${at}/health/ready`);
        return [answer.status, ((await answer.json()) as { parts: { issuer: string } }).parts.issuer];
      }),
    );

  /** The first look may be one at which a busy machine was too slow; each further one is made three seconds later. */
  const allWell = async () => {
    while (!(await readiness()).every(([status, issuer]) => status === 200 && issuer === 'ok')) offsetMs += 3000;
  };

  it('who is signed in goes on as long as their token, who signs in gets a page, and all is well again without a restart', async () => {
    const ann = await stand.signIn('ann');
    await allWell();
    await stand.issuer.stop();
    offsetMs += 5000;
    expect(await readiness()).toEqual(Array(2).fill([200, 'down']));
    offsetMs = quarterHourMs;
    expect(await statuses(ann)).toEqual([200, 200, 200, 200]);
    const login = await fetch(`${stand.url}/bff/login`, { redirect: 'manual', headers: { accept: 'text/html' } });
    expect([login.status, login.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    // The policy of the session's own token: half an hour.
    offsetMs = 2 * quarterHourMs + 1000;
    const [user, api] = await statuses(ann);
    expect([user, api]).toEqual([200, 503]);
    await stand.issuer.start();
    await eventually(async () => (await statuses(ann)).every((status) => status === 200), { timeoutMs: 10_000 });
    expect((await stand.signIn('bob')).landed.status).toBe(200);
    offsetMs += 5000;
    await allWell();
  }, 60_000);
});

describe("F40: the issuer's keys", () => {
  let stand: Stand;
  let at: RogueStand;
  let offsetMs = 0;
  beforeAll(async () => {
    stand = await startStand({ now: () => Date.now() + offsetMs });
    at = await rogueStand(stand);
  }, 60_000);
  afterAll(async () => {
    await stand.stop();
    await at.rogue.stop();
  });

  interface Key {
    readonly kid: string;
    /** That of the issuer's first key unless said. */
    readonly privateKey?: CryptoKey;
  }
  const first: Key = { kid: 'k' };
  const unknown = Array.from({ length: 100 }, (_, index): Key => ({ kid: `unknown-${index}` }));
  const rotate = async (kid: string): Promise<Key> => ({ kid, privateKey: await at.rogue.rotate(kid) });
  const sign = ({ kid, privateKey }: Key, claims: Record<string, unknown>, typ: string) =>
    at.rogue.sign({ jti: crypto.randomUUID(), ...claims }, { typ, kid }, privateKey);

  const ofMachine = { sub: 'realtime', client_id: 'realtime', aud: 'urn:chatapp:bff', scope: 'bff:sessions.read' };
  const askAsMachine = async (key: Key) => {
    const answer = await fetch(`${at.instance.url}/internal/sessions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await sign(key, ofMachine, 'at+jwt')}`,
      },
      body: JSON.stringify({ sids: [] }),
    });
    return answer.status;
  };
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const postLogout = async (key: Key) => {
    const body = new URLSearchParams({ logout_token: await sign(key, { events }, 'logout+jwt') });
    return (await fetch(`${at.instance.url}/bff/backchannel-logout`, { method: 'POST', body })).status;
  };
  const signIn = async (key: Key) => {
    const { cookies, told } = await at.start();
    at.rogue.say({ id_token: await sign(key, { nonce: told.get('nonce') }, 'JWT') });
    return (await at.finish(cookies, told.get('state') ?? '')).status;
  };
  const doors = [
    { door: 'access tokens', present: askAsMachine, good: 200, bad: 401 },
    { door: 'logout tokens', present: postLogout, good: 200, bad: 400 },
    { door: 'ID tokens', present: signIn, good: 303, bad: 400 },
  ];

  it('are fetched once a cool-down, however many unknown ones are named, and at whichever door', async () => {
    expect([await askAsMachine(first), await postLogout(first)]).toEqual([200, 200]);
    expect(at.rogue.keyFetches).toBe(1);
    offsetMs += 5000;
    const asked = await Promise.all(unknown.map(askAsMachine));
    const posted = await Promise.all(unknown.map(postLogout));
    expect([new Set(asked), new Set(posted)]).toEqual([new Set([401]), new Set([400])]);
    expect(at.rogue.keyFetches).toBe(2);
  }, 30_000);

  it.each(doors)('a new one is good for $door within five seconds', async ({ door, present, good, bad }) => {
    const before = at.rogue.keyFetches;
    offsetMs += 5000;
    // The worst moment to change the key is just after they were fetched.
    expect(await present({ kid: 'unknown' })).toBe(bad);
    const next = await rotate(`new for ${door}`);
    expect(await present(next)).toBe(bad);
    expect(at.rogue.keyFetches - before).toBe(1);
    offsetMs += 5000;
    expect(await present(next)).toBe(good);
    expect(at.rogue.keyFetches - before).toBe(2);
  });
});

describe('two issuers side by side', () => {
  let neighbour: TestIssuer;
  let stand: Stand;
  beforeAll(async () => {
    stand = await startStand();
    neighbour = await testIssuer({ publicUrl: stand.url });
  }, 60_000);
  afterAll(async () => {
    await stand.stop();
    await neighbour.stop();
  });

  it('are chosen on a page, and the same name at both is two people', async () => {
    const further = [
      {
        ...{ alias: 'neighbour', name: 'Next door', issuer: neighbour.issuer, clientId: 'bff' },
        clientKeyFile: neighbour.keyFile('bff'),
      },
    ];
    // People come back to PUBLIC_URL, so the instance with both issuers must be there.
    await stand.first.stop();
    await stand.another({ OIDC_FURTHER_ISSUERS: JSON.stringify(further) }, Number(new URL(stand.url).port));
    const choice = await (await fetch(`${stand.url}/bff/login?returnTo=/c`)).text();
    expect([choice.includes('Next door'), choice.includes('issuer=neighbour')]).toEqual([true, true]);
    const signIn = async (issuer: string) => {
      const startUrl = `${stand.url}/bff/login?${new URLSearchParams({ returnTo: '/', issuer })}`;
      const { cookies, response, finalUrl } = await signInByForms({ startUrl, login: 'ann', password: 'ann' });
      const browser = browserWith(stand.url, cookies, response, finalUrl);
      return ((await (await browser.call('GET', '/bff/user')).json()) as SignedInUser).user;
    };
    const [here, there] = [await signIn('local'), await signIn('neighbour')];
    expect([here.name, there.name]).toEqual(['Ann', 'Ann']);
    expect(here.id).not.toBe(there.id);
    expect(here.id).toBe((await signIn('local')).id);
  }, 30_000);
});
