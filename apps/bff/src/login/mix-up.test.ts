import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { CookieJar, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { type RogueIssuer, startRogueIssuer } from '../../testing/rogue-issuer.ts';

let stand: Stand;
let issuers: Record<'main' | 'corp', RogueIssuer>;
let instance: Instance;
beforeAll(async () => {
  const [started, main, corp] = await Promise.all([startStand(), startRogueIssuer(), startRogueIssuer()]);
  stand = started;
  issuers = { main, corp };
  const further = {
    alias: 'corp',
    name: 'Corp',
    issuer: corp.issuer,
    clientId: 'bff',
    clientKeyFile: corp.clientKeyFile,
  };
  instance = await stand.another({
    OIDC_ISSUER: main.issuer,
    OIDC_CLIENT_KEY_FILE: main.clientKeyFile,
    OIDC_FURTHER_ISSUERS: JSON.stringify([further]),
  });
}, 60_000);
afterAll(async () => {
  await stand.stop();
  await Promise.all([issuers.main.stop(), issuers.corp.stop()]);
});

const aliases = { main: 'local', corp: 'corp' } as const;
const callbacks = { main: '/bff/callback', corp: '/bff/callback/corp' } as const;
type Name = keyof typeof callbacks;

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
  for (const issuer of Object.values(issuers)) {
    issuer.asked.length = 0;
    issuer.say({ id_token: await issuer.sign({ nonce, name: 'Ann' }) });
  }
  return { cookies, state };
};
const answerAt = async (callback: Name, by: Name, { cookies, state }: Awaited<ReturnType<typeof begin>>) => {
  const query = new URLSearchParams({ code: 'code', state, iss: issuers[by].issuer });
  const headers = { cookie: cookies.header(stand.url) };
  const answer = await fetch(`${instance.url}${callbacks[callback]}?${query}`, { redirect: 'manual', headers });
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
