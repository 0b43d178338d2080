import { type Cookies, clearCookie, readCookies } from '../session/cookies.ts';
import type { Sessions } from '../session/sessions.ts';
import type { IssuerClient } from './issuer-client.ts';
import { pageResponse } from './page.ts';

export interface SignOutParts {
  readonly issuer: IssuerClient;
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly publicUrl: string;
}

/**
 * `GET /bff/logout?sid=`: ends this browser's session here (first, and for every instance and socket) and at the issuer. The `sid` proves that the link
 * came from our own page: another site cannot know it, so it cannot sign anybody out.
 */
export const signOut = async (request: Request, sid: string | undefined, parts: SignOutParts): Promise<Response> => {
  const secret = readCookies(request).get(parts.cookies.session);
  const live = await parts.sessions.find(secret, { slide: false });
  // A link on another site comes without the cookie, which is Strict: it must not take it from the browser either.
  if (live === undefined) return goTo(`${parts.publicUrl}/`, secret === undefined ? [] : [parts.cookies.session]);
  if (sid !== live.sid) return staleLink();

  const { refreshToken, idToken } = live.session.tokens;
  await parts.sessions.end(live.sid, 'logout');
  if (refreshToken !== null) await parts.issuer.revoke(refreshToken);
  const atIssuer = await parts.issuer.logoutUrl(idToken);
  return goTo(atIssuer?.href ?? `${parts.publicUrl}/`, [parts.cookies.session]);
};

const goTo = (location: string, done: readonly string[]): Response => {
  const headers = new Headers({ location, 'cache-control': 'no-store' });
  for (const name of done) headers.append('set-cookie', clearCookie(name));
  return new Response(null, { status: 303, headers });
};

const staleLink = (): Response =>
  pageResponse({
    status: 400,
    code: 'malformed',
    title: 'This sign-out link is not valid any more',
    text: 'You are still signed in. Open ChatApp and sign out from there.',
    link: { href: '/', text: 'Open ChatApp' },
  });
