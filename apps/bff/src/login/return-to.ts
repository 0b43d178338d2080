/**
 * Where a person goes after signing in: the given path where it is one of our own pages, else the start page (RFC 9700 §4.11: no open
 * redirect). The answer is absolute, so that no browser can read a path like `//host` as another place.
 */
export const returnUrl = (returnTo: string | undefined, publicUrl: string): string => {
  const start = `${publicUrl}/`;
  if (returnTo === undefined || !returnTo.startsWith('/') || /^\/[/\\]|[\\\p{Cc}]/u.test(returnTo)) return start;
  const url = URL.canParse(returnTo, start) ? new URL(returnTo, start) : undefined;
  if (url === undefined || url.origin !== new URL(start).origin) return start;
  // Neither a second host in the path after `..` was resolved, nor a route that does something when it is opened.
  if (/^\/\/|^\/(bff|api|internal|realtime)(\/|$)/.test(url.pathname)) return start;
  return url.href;
};
