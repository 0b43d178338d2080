/**
 * Whether a handshake's `Origin` may open a socket. Browsers always send it and pages cannot forge it; others (bots, tests) send none, and
 * for them the ticket or token is the proof. Exact comparison: another port of the same host is another origin (security.md, trap 8).
 */
export const acceptsOrigin = (origin: string | null, origins: readonly string[]): boolean =>
  origin === null || origins.includes(origin);
