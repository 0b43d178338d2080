import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { signInByForms } from '../../../../dev/issuer/sign-in.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestIssuer, testIssuer } from '../../../../dev/testing/issuer.ts';
import { type Browser, browserWith, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { type RogueIssuer, startRogueIssuer } from '../../testing/rogue-issuer.ts';

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
  let rogue: RogueIssuer;
  let stand: Stand;
  let offsetMs = 0;
  beforeAll(async () => {
    rogue = await startRogueIssuer();
    const env = { OIDC_ISSUER: rogue.issuer, OIDC_CLIENT_KEY_FILE: rogue.clientKeyFile };
    stand = await startStand({ env, now: () => Date.now() + offsetMs });
  }, 60_000);
  afterAll(async () => {
    await stand.stop();
    await rogue.stop();
  });

  const claims = { sub: 'realtime', client_id: 'realtime', aud: 'urn:chatapp:bff', scope: 'bff:sessions.read' };
  const ask = async (kid: string, key?: CryptoKey) => {
    const token = await rogue.sign({ ...claims, jti: crypto.randomUUID() }, { typ: 'at+jwt', kid }, key);
    const answer = await fetch(`${stand.url}/internal/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ sids: [] }),
    });
    return answer.status;
  };

  it('are fetched once a cool-down, however many unknown ones are named; a new one is good within five seconds', async () => {
    expect(await ask('k')).toBe(200);
    const before = rogue.keyFetches;
    offsetMs += 5000;
    const flood = await Promise.all(Array.from({ length: 100 }, (_, at) => ask(`unknown-${at}`)));
    expect(new Set(flood)).toEqual(new Set([401]));
    expect(rogue.keyFetches - before).toBe(1);
    const key = await rogue.rotate('new');
    expect(await ask('new', key)).toBe(401);
    offsetMs += 5000;
    expect(await ask('new', key)).toBe(200);
    expect(rogue.keyFetches - before).toBe(2);
  }, 30_000);
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
