import type { ProblemCode } from '@chatapp/contract/problem';

/**
 * Routes of ours that a browser opens as pages, or that the issuer calls: each has its own proof (`state`, `sid`, a signed token). Everything
 * else under /bff and /api needs the header, so a new route cannot forget it.
 */
const withoutHeader = new Set([
  'GET /bff/login',
  'GET /bff/callback',
  'GET /bff/logout',
  'POST /bff/backchannel-logout',
]);

/** Whether the request's cookie could count for something, so that its page must be known to be ours. */
export const isCookieRoute = (method: string, pathname: string): boolean =>
  /^\/(bff|api)(\/|$)/.test(pathname) && !withoutHeader.has(`${method} ${pathname}`);

/**
 * Why a request with a cookie may come from another site's page, or undefined. `X-CSRF` cannot be sent across origins without a preflight, which we never
 * answer; `Origin` and `Sec-Fetch-Site` cannot be forged by a page, and tell another port of the same host apart, where SameSite does not.
 * Both are absent only outside of browsers.
 */
export const crossSiteRefusal = (headers: Headers, origins: readonly string[]): ProblemCode | undefined => {
  if (headers.get('x-csrf') !== '1') return 'csrf';
  const origin = headers.get('origin');
  if (origin !== null) return origins.includes(origin) ? undefined : 'origin';
  const site = headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' ? undefined : 'origin';
};

/** Why a socket's handshake is refused: browsers send `Origin` always, so where it is missing a cookie must be missing too (RFC 6455 §10.2). */
export const socketRefusal = (headers: Headers, origins: readonly string[]): ProblemCode | undefined => {
  const origin = headers.get('origin');
  if (origin === null) return headers.has('cookie') ? 'origin' : undefined;
  return origins.includes(origin) ? undefined : 'origin';
};
