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
  const live = await parts.sessions.find(readCookies(request).get(parts.cookies.session), { slide: false });
  if (live === undefined) return goTo(`${parts.publicUrl}/`, parts);
  if (sid !== live.sid) return staleLink();

  const { refreshToken, idToken } = live.session.tokens;
  await parts.sessions.end(live.sid, 'logout');
  if (refreshToken !== null) await parts.issuer.revoke(refreshToken);
  const atIssuer = await parts.issuer.logoutUrl(idToken);
  return goTo(atIssuer?.href ?? `${parts.publicUrl}/`, parts);
};

const goTo = (location: string, { cookies }: SignOutParts): Response =>
  new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'set-cookie': clearCookie(cookies.session) },
  });

const staleLink = (): Response =>
  pageResponse({
    status: 400,
    code: 'malformed',
    title: 'This sign-out link is not valid any more',
    text: 'You are still signed in. Open ChatApp and sign out from there.',
    link: { href: '/', text: 'Open ChatApp' },
  });
