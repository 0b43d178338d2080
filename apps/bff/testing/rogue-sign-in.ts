import { CookieJar } from '../../../dev/issuer/cookie-jar.ts';
import { type Browser, browserWith, type Instance, type Stand } from './harness.ts';
import { type RogueIssuer, startRogueIssuer } from './rogue-issuer.ts';

export interface RogueStand {
  readonly rogue: RogueIssuer;
  readonly instance: Instance;
  /** Starts a sign-in: the browser's cookies, and what the issuer was told. */
  start(returnTo?: string): Promise<{ readonly cookies: CookieJar; readonly told: URLSearchParams }>;
  /** Comes back from the issuer with the answer to `state`. */
  finish(cookies: CookieJar, state: string): Promise<Response>;
  /** A whole sign-in, with what the issuer says of tokens and, in the ID token, of the person. */
  signIn(options?: {
    readonly returnTo?: string;
    readonly tokens?: Record<string, unknown>;
    readonly claims?: Record<string, unknown>;
  }): Promise<Browser>;
}

/** An instance of the stand that trusts an issuer of the test's own: its tokens are what the test says, and a sign-in is two requests. */
export const rogueStand = async (stand: Stand, env: Record<string, string> = {}): Promise<RogueStand> => {
  const rogue = await startRogueIssuer();
  rogue.describe({
    pushed_authorization_request_endpoint: `${rogue.issuer}/par`,
    revocation_endpoint: `${rogue.issuer}/revoke`,
    end_session_endpoint: `${rogue.issuer}/end`,
  });
  const instance = await stand.another({
    OIDC_ISSUER: rogue.issuer,
    OIDC_CLIENT_KEY_FILE: rogue.clientKeyFile,
    ...env,
  });
  const open = (path: string, cookies: CookieJar) =>
    fetch(`${instance.url}${path}`, { redirect: 'manual', headers: { cookie: cookies.header(stand.url) } });
  let starts = 0;
  const start = async (returnTo = '/') => {
    const cookies = new CookieJar();
    const response = await open(`/bff/login?${new URLSearchParams({ returnTo, n: String(starts++) })}`, cookies);
    cookies.take(new URL(stand.url), response);
    const told = rogue.asked.findLast(({ path }) => path === '/par')?.form;
    if (response.status !== 303 || told === undefined) throw new Error(`the sign-in began with ${response.status}`);
    return { cookies, told };
  };
  const finish = (cookies: CookieJar, state: string) =>
    open(`/bff/callback?${new URLSearchParams({ code: 'code', state, iss: rogue.issuer })}`, cookies);
  return {
    rogue,
    instance,
    start,
    finish,
    async signIn({ returnTo = '/', tokens = {}, claims = {} } = {}) {
      const { cookies, told } = await start(returnTo);
      rogue.say({ id_token: await rogue.sign({ nonce: told.get('nonce'), name: 'Ann', ...claims }), ...tokens });
      const landed = await finish(cookies, told.get('state') ?? '');
      cookies.take(new URL(stand.url), landed);
      return browserWith(instance.url, cookies, landed, landed.headers.get('location') ?? '');
    },
  };
};
