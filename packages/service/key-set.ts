import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

interface KeySetOptions {
  readonly jwksUri: () => Promise<string>;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  /** The least time between two fetches, ms. */
  readonly cooldownMs?: number;
  /** A set older than this is fetched again when it is next used, ms. */
  readonly refreshMs?: number;
}

/**
 * The issuer's public keys. A new key id makes one fetch, at most one per cool-down however many unknown ids arrive; while the
 * issuer is down the last good set goes on verifying (jose's own remote set refuses everything after ten minutes: security.md, trap 3).
 */
export const createKeySet = (options: KeySetOptions): JWTVerifyGetKey => {
  const { now, cooldownMs = 5000, refreshMs = 600_000 } = options;
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let flight: Promise<void> | undefined;

  const fetchKeys = async () => {
    triedAt = now();
    const response = await options.fetch(await options.jwksUri(), {
      redirect: 'error',
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`the issuer's keys cannot be read (${response.status})`);
    keys = createLocalJWKSet((await response.json()) as JSONWebKeySet);
    fetchedAt = now();
  };
  const refresh = () => {
    flight ??= fetchKeys().finally(() => {
      flight = undefined;
    });
    return flight;
  };
  const mayTry = () => flight !== undefined || now() - triedAt >= cooldownMs;

  return async (header, token) => {
    if (keys === undefined) {
      if (!mayTry()) throw new KeysUnavailableError();
      await refresh().catch((cause) => {
        throw new KeysUnavailableError({ cause });
      });
    } else if (now() - fetchedAt >= refreshMs && mayTry()) {
      refresh().catch(() => undefined);
    }
    if (keys === undefined) throw new KeysUnavailableError();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayTry()) throw error;
      await refresh().catch(() => undefined);
      return await keys(header, token);
    }
  };
};

/** No key was ever fetched and the issuer does not answer: nobody can be verified now. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
  constructor(options?: { cause: unknown }) {
    super('the keys of the issuer are not available', options);
  }
}
