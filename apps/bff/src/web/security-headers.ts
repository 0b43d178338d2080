/** What every answer of the BFF carries, unless it says something else itself. */
export const securityHeaders = (publicUrl: string): Record<string, string> => ({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'reporting-endpoints': 'csp="/bff/csp-reports"',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
  ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
});

/** Adds the headers that every answer must carry. */
export const createHardening = (publicUrl: string): ((response: Response) => Response) => {
  const headers = Object.entries(securityHeaders(publicUrl));
  return (response) => {
    for (const [name, value] of headers) if (!response.headers.has(name)) response.headers.set(name, value);
    return response;
  };
};

/**
 * The policy of the web client's page. The one Trusted Types policy is `default`: the client's own, which lets in only the templates that were known
 * when it was built. `socketUrls`: where it may open sockets; not every browser counts ws: of the same host as 'self'.
 */
export const pagePolicy = (socketUrls: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...new Set(socketUrls.map((url) => new URL(url).origin))].join(' '),
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
    'report-uri /bff/csp-reports',
    'report-to csp',
  ].join('; ');
