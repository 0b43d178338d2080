import { type Cookies, clearCookie, readCookies } from '../session/cookies.ts';
import { vaultOf } from '../session/secret.ts';
import type { Tokens } from '../session/session.ts';
import type { LiveSession, Sessions } from '../session/sessions.ts';
import type { IssuerClient } from './issuer-client.ts';
import type { Issuers } from './issuers.ts';
import { refusalResponse } from './page.ts';
import { redirectTo } from './redirect.ts';
import { type StartLoginParts, startLogin } from './start-login.ts';

export interface SignOutParts extends StartLoginParts {
  readonly issuers: Issuers;
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly publicUrl: string;
}

/**
 * `GET /bff/logout?sid=`: ends this browser's session here (first, and for every instance and socket) and at the issuer. The `sid` proves that the link
 * came from our own page: another site cannot know it, so it cannot sign anybody out. With `everywhere=true` all sessions of the person end, once
 * they have proved anew who they are: whoever found an unlocked screen must not lock its owner out.
 */
export const signOut = async (request: Request, parts: SignOutParts): Promise<Response> => {
  const query = new URL(request.url).searchParams;
  const secret = readCookies(request).get(parts.cookies.session);
  const live = await parts.sessions.find(secret, { slide: false });
  if (live === undefined) return await endUnknown(request, secret, parts);
  if (query.get('sid') !== live.sid) return staleLink(request);
  return query.get('everywhere') === 'true' ? await stepUp(request, live, parts) : await endHere(request, live, parts);
};

/**
 * What the cookie names is over, or lives at an issuer that this instance does not know: the link of its own page ends that, too. One on another site comes without the
 * cookie, which is Strict, and must not take it from the browser either.
 */
const endUnknown = async (request: Request, secret = '', parts: SignOutParts): Promise<Response> => {
  const home = `${parts.publicUrl}/`;
  const vault = await vaultOf(secret, 'session');
  if (vault === undefined || vault.id !== new URL(request.url).searchParams.get('sid')) return redirectTo(home, []);
  await parts.sessions.end(vault.id, 'logout', request);
  return redirectTo(home, [clearCookie(parts.cookies.session)]);
};

const endHere = async (request: Request, live: LiveSession, parts: SignOutParts): Promise<Response> => {
  await parts.sessions.end(live.sid, 'logout', request);
  const issuer = parts.issuers.of(live.session);
  return await goodbye(issuer, live.session.tokens, { ...parts, cookies: [clearCookie(parts.cookies.session)] });
};

const stepUp = async (request: Request, { session }: LiveSession, parts: SignOutParts): Promise<Response> => {
  const start = { issuer: parts.issuers.of(session), manner: 'step-up', returnTo: `${parts.publicUrl}/` } as const;
  return await startLogin(request, { ...start, endAllOf: session.userId }, parts);
};

/** Revokes what the issuer gave, and sends the browser there to sign out. */
export const goodbye = async (
  issuer: IssuerClient,
  { refreshToken, idToken }: Tokens,
  { publicUrl, cookies }: { publicUrl: string; cookies: readonly string[] },
): Promise<Response> => {
  if (refreshToken !== null) await issuer.revoke(refreshToken);
  const atIssuer = await issuer.logoutUrl(idToken);
  return redirectTo(atIssuer?.href ?? `${publicUrl}/`, cookies);
};

const staleLink = (request: Request): Response =>
  refusalResponse(request, {
    code: 'malformed',
    title: 'This sign-out link is not valid any more',
    text: 'You are still signed in. Open ChatApp and sign out from there.',
    links: [{ href: '/', text: 'Open ChatApp' }],
  });
