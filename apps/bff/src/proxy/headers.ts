/**
 * What passes the proxy, as lists of what may: the cookie, `Authorization`, forwarding and hop-by-hop headers (also those that `Connection`
 * names) never reach a service, and a service's cookies, CORS and server headers never reach a browser.
 */
const up = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'range',
];
const down = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'vary',
];

export const requestHeaders = (
  from: Headers,
  own: { accessToken: string | undefined; requestId: string; traceparent: string },
): Headers => {
  const headers = pick(from, up);
  if (own.accessToken !== undefined) headers.set('authorization', `Bearer ${own.accessToken}`);
  headers.set('x-request-id', own.requestId);
  headers.set('traceparent', own.traceparent);
  return headers;
};

export const responseHeaders = (from: Headers, requestId: string): Headers => {
  const headers = pick(from, down);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  headers.set('x-request-id', requestId);
  return headers;
};

const named = (connection: string | null): string[] =>
  (connection ?? '').split(',').map((name) => name.trim().toLowerCase());

const pick = (from: Headers, names: readonly string[]): Headers => {
  const hopByHop = named(from.get('connection'));
  const headers = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null && !hopByHop.includes(name)) headers.set(name, value);
  }
  return headers;
};

/** The caller's trace goes on where it is well formed (W3C Trace Context), else one begins. */
export const traceparentOf = (from: Headers): string => {
  const given = from.get('traceparent');
  if (given && /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(given)) return given;
  const random = crypto.getRandomValues(new Uint8Array(24)).toHex();
  return `00-${random.slice(0, 32)}-${random.slice(32)}-00`;
};
