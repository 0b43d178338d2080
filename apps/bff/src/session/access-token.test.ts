import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { decodeJwt } from 'jose';
import { refreshTokens } from '../../../../dev/issuer/sign-in.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { rogueStand } from '../../testing/rogue-sign-in.ts';

describe('the access token of a session', () => {
  let stand: Stand;
  let second: Instance;
  let offsetMs = 0;
  beforeAll(async () => {
    stand = await startStand({ now: () => Date.now() + offsetMs });
    second = await stand.another();
  }, 60_000);
  afterAll(() => stand.stop());

  const secretOf = (browser: { cookies: { get(name: string): string | undefined } }) =>
    browser.cookies.get(`__Host-Http-session-${new URL(stand.url).port}`);
  const tokensSent = () =>
    stand.mirror.seen.map(({ headers }) => headers.authorization?.slice(7) ?? '').filter((token) => token !== '');

  it('S15: is renewed once for 200 requests at two instances, and all are answered', async () => {
    const ann = await stand.signIn('ann');
    const before = (await stand.first.bff.sessions.find(secretOf(ann)))?.session.tokens;
    stand.mirror.clear();
    offsetMs = 301_000;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        ann.call('GET', '/api/conversations/conversations', { at: index % 2 ? stand.url : second.url }),
      ),
    );
    offsetMs = 0;
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    // The issuer rotates: a second renewal would have been refused, and would have made a second access token.
    const sent = new Set(tokensSent());
    expect(sent.size).toBe(1);
    expect(sent.has(before?.accessToken ?? '')).toBe(false);
    const after = (await stand.first.bff.sessions.find(secretOf(ann)))?.session.tokens;
    expect(after?.refreshToken).not.toBe(before?.refreshToken);
    expect([...sent]).toEqual([after?.accessToken ?? '']);
    expect(decodeJwt([...sent][0] ?? '').aud).toBe('urn:chatapp:api');
  }, 30_000);

  it('is renewed beside the request shortly before its end', async () => {
    const bob = await stand.signIn('bob');
    const before = (await stand.first.bff.sessions.find(secretOf(bob)))?.session.tokens.accessToken;
    stand.mirror.clear();
    offsetMs = 290_000;
    await bob.call('GET', '/api/conversations/conversations');
    expect(tokensSent()).toEqual([before ?? '']);
    await eventually(
      async () => (await second.bff.sessions.find(secretOf(bob)))?.session.tokens.accessToken !== before,
    );
    offsetMs = 0;
  }, 10_000);

  it('S15: cannot be renewed by a refresh token that was used by somebody else: the session ends', async () => {
    const carol = await stand.signIn('carol');
    const live = await stand.first.bff.sessions.find(secretOf(carol));
    const stolen = live?.session.tokens.refreshToken ?? '';
    await refreshTokens({ issuer: stand.issuer.issuer, keyFile: stand.issuer.keyFile('bff'), refreshToken: stolen });
    offsetMs = 301_000;
    const answer = await carol.call('GET', '/api/conversations/conversations');
    offsetMs = 0;
    expect(answer.status).toBe(401);
    expect((await carol.call('GET', '/bff/user', { at: second.url })).status).toBe(401);
    const events = (await stand.store.xrange('events', '-', '+')).map(([, fields]) => JSON.parse(fields[1] ?? ''));
    expect(events.at(-1)).toMatchObject({ data: { sid: live?.sid, reason: 'refresh-refused' } });
    expect(stand.audited('refresh.refused')).toMatchObject([{ userId: live?.session.userId }]);
    const [ended] = stand.audited('session.ended').filter(({ reason }) => reason === 'refresh-refused');
    const requestId = answer.headers.get('x-request-id');
    expect(ended).toMatchObject({ userId: live?.session.userId, requestId, address: '127.0.0.1' });
    expect(stand.audited('refresh.refused').at(-1)).toMatchObject({ requestId, address: '127.0.0.1' });
  });

  it('S15: refused because another instance renewed it meanwhile, goes on with the newer one: the session lives', async () => {
    const { rogue, instance, signIn } = await rogueStand(stand);
    const twin = await stand.another({ OIDC_ISSUER: rogue.issuer, OIDC_CLIENT_KEY_FILE: rogue.clientKeyFile });
    const frank = await signIn({ tokens: { access_token: 'former', refresh_token: 'once' } });
    const before = stand.audited('refresh.refused').length;
    const ask = async (at: string) => (await frank.call('GET', '/api/messages/x', { at })).status;
    rogue.beforeAnswer(async () => {
      rogue.beforeAnswer(async () => undefined);
      // As when it lapses, because the issuer is slow.
      await stand.store.del(...(await stand.store.keys('lock:refresh:*')));
      rogue.say({ access_token: 'newer', refresh_token: 'next' });
      expect(await ask(twin.url)).toBe(200);
      rogue.say({ status: 400, error: 'invalid_grant' });
    });
    stand.mirror.clear();
    offsetMs = 61_000;
    const status = await ask(instance.url);
    offsetMs = 0;
    expect(status).toBe(200);
    const handedIn = rogue.asked.map(({ form }) => form.get('refresh_token')).filter((token) => token !== null);
    expect([handedIn, tokensSent()]).toEqual([
      ['once', 'once'],
      ['newer', 'newer'],
    ]);
    expect(stand.audited('refresh.refused')).toHaveLength(before);
    expect([await ask(instance.url), await ask(twin.url)]).toEqual([200, 200]);
    await rogue.stop();
  }, 20_000);

  it.each<[string, Record<string, unknown>, string[]]>([
    ['renews it: what it gave is revoked', { refresh_token: 'next' }, ['once', 'next']],
    ['refuses it: that is no alarm', { status: 400, error: 'invalid_grant' }, ['once']],
  ])(
    'S9: is of no use to a person who signed out before the issuer %s',
    async (_what, answer, revoked) => {
      const { rogue, signIn } = await rogueStand(stand);
      const grace = await signIn({ tokens: { refresh_token: 'once' } });
      const { logoutUrl } = (await (await grace.call('GET', '/bff/user')).json()) as SignedInUser;
      const before = stand.audited('refresh.refused').length;
      rogue.say(answer);
      rogue.beforeAnswer(async () => {
        expect((await grace.call('GET', logoutUrl)).status).toBe(303);
      });
      offsetMs = 61_000;
      const { status } = await grace.call('GET', '/api/messages/x');
      offsetMs = 0;
      expect(status).toBe(401);
      expect(rogue.asked.map(({ form }) => form.get('token')).filter((token) => token !== null)).toEqual(revoked);
      expect(stand.audited('refresh.refused')).toHaveLength(before);
      await rogue.stop();
    },
    20_000,
  );

  it('serves to its end where the issuer gave nothing to renew it with; then the session ends', async () => {
    const { rogue, signIn } = await rogueStand(stand);
    const eve = await signIn({ tokens: { refresh_token: undefined, expires_in: 300 } });
    offsetMs = 0.95 * 300_000;
    for (let count = 0; count < 2; count++) {
      expect((await eve.call('GET', '/api/conversations/conversations')).status).toBe(200);
      await Bun.sleep(50);
    }
    expect((await eve.call('GET', '/bff/user')).status).toBe(200);
    offsetMs = 301_000;
    expect((await eve.call('GET', '/api/conversations/conversations')).status).toBe(401);
    offsetMs = 0;
    await rogue.stop();
  }, 20_000);

  it('serves on while the issuer is away, until the token ends: then 503, and the session lives', async () => {
    const dave = await stand.signIn('dave');
    await stand.issuer.stop();
    offsetMs = 290_000;
    expect((await dave.call('GET', '/api/conversations/conversations')).status).toBe(200);
    offsetMs = 301_000;
    const answer = await dave.call('GET', '/api/conversations/conversations');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    await stand.issuer.start();
    const user = (await (await dave.call('GET', '/bff/user')).json()) as SignedInUser;
    expect(user.user.name).toBe('Dave');
    await eventually(async () => (await dave.call('GET', '/api/conversations/conversations')).status === 200);
    offsetMs = 0;
  }, 30_000);
});
