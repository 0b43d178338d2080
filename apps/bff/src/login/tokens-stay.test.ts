import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { redisServerPath } from '../../../../dev/redis.ts';
import { everyRoute } from '../../testing/every-route.ts';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';
import { contentsOf } from '../../testing/redis-contents.ts';
import { type RogueStand, rogueStand } from '../../testing/rogue-sign-in.ts';

let stand: Stand;
let rogue: RogueStand;
let offsetMs = 0;
let watch: Awaited<ReturnType<typeof watchCommands>>;
beforeAll(async () => {
  stand = await startStand({ now: () => Date.now() + offsetMs });
  rogue = await rogueStand(stand);
  watch = await watchCommands();
}, 60_000);
afterAll(async () => {
  watch.stop();
  await stand.stop();
  await rogue.rogue.stop();
});

const tokens = (kind: string) => ({
  access_token: `canary-access-${kind}`,
  refresh_token: `canary-refresh-${kind}`,
  expires_in: 300,
});
/** What is done when the access tokens of now are over. */
const later = async <T>(work: () => Promise<T>): Promise<T> => {
  offsetMs = 301_000;
  return await work().finally(() => {
    offsetMs = 0;
  });
};
/** An ID token is a canary by its signature. */
const idTokenOf = async (browser: Browser) => {
  const cookie = browser.cookies.get(`__Host-Http-session-${new URL(stand.url).port}`);
  return (await rogue.instance.bff.sessions.find(cookie))?.session.tokens.idToken ?? '';
};

/** Every command that Redis gets, while it runs. */
const watchCommands = async () => {
  const commands: string[] = [];
  const redis = connectRedis({ url: stand.redis.url, role: 'commands', log: silentLog() });
  await redisReady(redis);
  // Only the real one can tell.
  const monitor = redisServerPath() === null ? undefined : await redis.monitor();
  monitor?.on('monitor', (_at: string, args: string[]) => commands.push(args.join(' ')));
  return {
    commands,
    isOn: monitor !== undefined,
    stop: () => {
      monitor?.disconnect();
      redis.disconnect();
    },
  };
};

describe('tokens', () => {
  it('S13: reach neither a browser, by whatever route, nor a log, nor Redis but sealed', async () => {
    const heard: string[] = [];
    const hear = async (response: Response) => {
      heard.push(`${JSON.stringify([...response.headers])} ${await response.text()}`);
    };
    const ann = await rogue.signIn({ tokens: tokens('first') });
    await hear(ann.landed);
    rogue.rogue.say({ id_token: undefined, ...tokens('second') });
    expect((await later(() => ann.call('GET', '/api/messages/x'))).status).toBe(200);
    const idToken = await idTokenOf(ann);
    expect(stand.mirror.seen.at(-1)?.headers.authorization).toBe('Bearer canary-access-second');
    expect(idToken).toStartWith('eyJ');

    const answers = [
      () => Response.json({}),
      () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer canary-access-second' } }),
      () => new Response(null, { status: 302, headers: { location: '/?access_token=canary-access-second' } }),
      () => new Response(null, { status: 500, headers: { 'x-token': 'canary-access-second' } }),
    ];
    for (const answer of answers) {
      stand.mirror.answer(answer);
      for (const { method, path } of everyRoute(rogue.instance.bff)) {
        await hear(await ann.call(method, path));
        await hear(await ann.call(method, path, { headers: { cookie: '', authorization: 'Bearer canary-access-x' } }));
      }
    }
    for (const path of ['/bff/callback?code=canary-code&state=x', '/bff/callback?error=canary-error&state=x']) {
      await hear(await ann.call('GET', path));
    }
    const logoutToken = await rogue.rogue.sign({ canary: 'x' }, { typ: 'logout+jwt' });
    const body = new URLSearchParams({ logout_token: logoutToken });
    await hear(await fetch(`${rogue.instance.url}/bff/backchannel-logout`, { method: 'POST', body }));
    // The issuer refuses the refresh: the session ends, and that is written down.
    const kept = await contentsOf(stand.store);
    const bob = await rogue.signIn({ tokens: tokens('third') });
    rogue.rogue.say({ status: 400, error: 'invalid_grant', error_description: 'canary-refresh-third is used up' });
    await hear(await later(() => bob.call('GET', '/api/messages/x')));
    expect(stand.audited('refresh.refused')).toHaveLength(1);

    const told = [...heard, ...rogue.instance.logged, kept, await contentsOf(stand.store), ...watch.commands].join(
      '\n',
    );
    expect(heard.length).toBeGreaterThan(200);
    expect(rogue.instance.logged.length).toBeGreaterThan(10);
    expect([watch.isOn, watch.commands.length > 20]).toEqual([watch.isOn, watch.isOn]);
    expect(kept).toContain('session:');
    // `canary-error` and what a caller writes into its own request is the caller's to know.
    expect(told.match(/canary-(access|refresh|code)[\w-]*/g)).toBeNull();
    for (const token of [idToken, logoutToken]) expect(told).not.toContain(token.split('.')[2] ?? token);
  }, 30_000);

  it('S13: go to the issuer on signing out in no address of ours', async () => {
    const carol = await rogue.signIn({ tokens: tokens('fourth') });
    const { logoutUrl } = (await (await carol.call('GET', '/bff/user')).json()) as { logoutUrl: string };
    expect(logoutUrl).not.toContain('canary');
    const location = new URL((await carol.call('GET', logoutUrl)).headers.get('location') ?? '');
    // OIDC RP-Initiated Logout §2 knows no other way than the address for the hint: it is an ID token, which opens nothing here.
    expect(location.origin).toBe(rogue.rogue.issuer);
    expect([...location.searchParams.keys()]).not.toContain('access_token');
    expect(location.href).not.toContain('canary');
  });
});
