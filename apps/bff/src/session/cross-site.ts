import type { ProblemCode } from '@chatapp/contract/problem';

/**
 * Why a request with a cookie may come from another site's page, or undefined. `X-CSRF` cannot be sent across origins without a preflight, which we never
 * answer; `Origin` and `Sec-Fetch-Site` cannot be forged by a page, and tell another port of the same host apart, where SameSite does not. Where both are
 * absent nothing tells where it is from, so it must have no cookie: every browser sends the one or the other.
 */
export const crossSiteRefusal = (headers: Headers, origins: readonly string[]): ProblemCode | undefined => {
  if (headers.get('x-csrf') !== '1') return 'csrf';
  const origin = headers.get('origin');
  if (origin !== null) return origins.includes(origin) ? undefined : 'origin';
  const site = headers.get('sec-fetch-site');
  if (site === null) return headers.has('cookie') ? 'origin' : undefined;
  return site === 'same-origin' ? undefined : 'origin';
};

/** Why a socket's handshake is refused: browsers send `Origin` always, so where it is missing a cookie must be missing too (RFC 6455 §10.2). */
export const socketRefusal = (headers: Headers, origins: readonly string[]): ProblemCode | undefined => {
  const origin = headers.get('origin');
  if (origin === null) return headers.has('cookie') ? 'origin' : undefined;
  return origins.includes(origin) ? undefined : 'origin';
};
