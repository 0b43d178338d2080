import { pageUserHeader } from '@chatapp/contract/http-bff';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import type { Limits } from '../access/limits.ts';
import { type Cookies, readCookie } from './cookies.ts';
import type { FindOptions, LiveSession, Sessions } from './sessions.ts';

export interface SessionParts {
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly limits: Pick<Limits, 'ofSession' | 'ofAddress'>;
}

/**
 * Whose page asks, where it says so: all tabs of a browser share the cookie, and one that is still Ann's must not act as Bob, who signed in in another one. A session
 * that is not this person's is none, and is left alone.
 */
const pageOf = (request: Request): string | undefined => request.headers.get(pageUserHeader) ?? undefined;

/**
 * The session of a request's cookie, or undefined; the request is counted by it, or by its address. Throws `rate-limited`, `signed-out` where the cookie is not of the person
 * whose page asks, or `unavailable` while sessions cannot be looked up: nobody is sent to sign in for that.
 */
export const optionalSessionOf = async (
  request: Request,
  { sessions, cookies, limits }: SessionParts,
  options: Omit<FindOptions, 'userId'> = {},
): Promise<LiveSession | undefined> => {
  const [secret, userId] = [readCookie(request, cookies.session), pageOf(request)];
  const live = await sessions.find(secret, { ...options, userId });
  await (live === undefined ? limits.ofAddress(request) : limits.ofSession(request, live.sid));
  if (live === undefined && secret !== undefined && userId !== undefined) throw new ProblemError('signed-out');
  return live;
};

/** The same where a session is needed: throws `signed-out`. */
export const sessionOf = async (
  request: Request,
  parts: SessionParts,
  options: Omit<FindOptions, 'userId'> = {},
): Promise<LiveSession> => {
  const live = await optionalSessionOf(request, parts, options);
  if (live === undefined) throw new ProblemError('signed-out');
  return live;
};

/** The session where it was read a moment ago, so that there is nothing to look up; `counted` where there is something to wait for all the same. */
export const recentSessionOf = (
  request: Request,
  { sessions, cookies, limits }: SessionParts,
): { readonly live: LiveSession; readonly counted: Promise<void> | undefined } | undefined => {
  const live = sessions.recent(readCookie(request, cookies.session), { userId: pageOf(request) });
  return live && { live, counted: limits.ofSession(request, live.sid) };
};

/**
 * The session as it is by now, after a wait for the browser, which may take its time; not counted, nor prolonged, again. Throws `signed-out` where it has ended
 * meanwhile.
 */
export const presentSessionOf = async (request: Request, { sessions, cookies }: SessionParts): Promise<LiveSession> => {
  const secret = readCookie(request, cookies.session);
  const options = { slide: false, userId: pageOf(request) };
  const live = sessions.recent(secret, options) ?? (await sessions.find(secret, options));
  if (live === undefined) throw new ProblemError('signed-out');
  return live;
};

/** A socket's: undefined where no cookie came, so that the ticket alone speaks; throws `signed-out` for the cookie of a session that is over. */
export const socketSessionOf = async (request: Request, parts: SessionParts): Promise<LiveSession | undefined> => {
  const live = await optionalSessionOf(request, parts, { slide: false });
  if (live === undefined && readCookie(request, parts.cookies.session) !== undefined)
    throw new ProblemError('signed-out');
  return live;
};

/** For routes of the signed-in person: gives each handler `live`. */
export const signedIn = (parts: SessionParts) =>
  new Elysia().derive({ as: 'scoped' }, async ({ request }) => ({ live: await sessionOf(request, parts) }));
