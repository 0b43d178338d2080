import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { type Cookies, readCookies } from './cookies.ts';
import type { LiveSession, Sessions } from './sessions.ts';

export interface SessionParts {
  readonly sessions: Sessions;
  readonly cookies: Cookies;
}

/** The session of a request's cookie. Throws `signed-out`, or `unavailable` while sessions cannot be looked up: nobody is sent to sign in for that. */
export const sessionOf = async (
  request: Request,
  { sessions, cookies }: SessionParts,
  options: { slide?: boolean } = {},
): Promise<LiveSession> => {
  const live = await sessions.find(readCookies(request).get(cookies.session), options);
  if (live === undefined) throw new ProblemError('signed-out');
  return live;
};

/** For routes of the signed-in person: gives each handler `live`. */
export const signedIn = (parts: SessionParts) =>
  new Elysia().derive({ as: 'scoped' }, async ({ request }) => ({ live: await sessionOf(request, parts) }));
