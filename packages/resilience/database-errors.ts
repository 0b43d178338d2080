const transientStates = new Set([
  '40001', // serialization failure
  '40P01', // deadlock detected
  '53300', // too many connections, of the server or of the role
  '57P01', // administrator shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now
]);

const connectionCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_SILENT',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * Whether a database error passes by itself: a lost race, a server that restarts, a connection that broke.
 *
 * The statement may have been committed before the connection broke, so repeat only what is idempotent. Looks at the causes too, where
 * drizzle-orm keeps the driver's error.
 */
export function isTransientDatabaseError(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isTransientCode((cause as { code?: unknown }).code)) return true;
  }
  return false;
}

function isTransientCode(code: unknown): boolean {
  if (typeof code !== 'string') return false;
  return transientStates.has(code) || connectionCodes.has(code) || /^08[0-9A-Z]{3}$/.test(code);
}
