import { type PrincipalKind, userIdOf } from '@chatapp/contract/ids';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { FurtherIssuer } from './further-issuers.ts';
import { discoverIssuer } from './issuer.ts';
import { createKeySet, KeysUnavailableError } from './key-set.ts';
import { ProblemError } from './problem.ts';

/** Who a token speaks for. `kind` and `id` never mix persons and machines (RFC 9700 §4.15). */
export interface Principal {
  readonly kind: PrincipalKind;
  /** UUIDv5 over (issuer alias, kind, sub). */
  readonly id: string;
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
  readonly audiences: readonly string[];
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

export interface VerifierOptions {
  readonly issuer: string;
  readonly issuerAlias: string;
  /** The audiences that this service answers to: its own for machines, the API's for people. */
  readonly audiences: readonly string[];
  /** `at+jwt` (RFC 9068 §2.1). */
  readonly typ: string;
  /** Issuers beside the main one, which vouch for people only. */
  readonly furtherIssuers?:
    | readonly Pick<FurtherIssuer, 'alias' | 'issuer' | 'accessTokenTyp' | 'apiAudience'>[]
    | undefined;
  /** The keys of the issuer of that alias, where the process holds them for other tokens too. The verifier's own unless said. */
  readonly keysOf?: (alias: string) => JWTVerifyGetKey;
  readonly fetch: typeof fetch;
  readonly now: () => number;
}

export type TokenVerifier = (token: string) => Promise<Principal>;

const skewSeconds = 30;
const rememberedMax = 10_000;
const tokenLengthMax = 16_384;

/**
 * The one verifier of access tokens: algorithms, `typ`, `iss`, `aud`, `exp`, `nbf`, keys of the issuer only (RFC 8725, RFC 9068 §4). A
 * verified token is remembered by its hash until it expires: verifying costs 50 to 120 µs, remembering 0.1.
 * Throws `token-invalid`, or `unavailable` where no key of the issuer is known.
 */
export const createTokenVerifier = (options: VerifierOptions): TokenVerifier => {
  const { issuer, issuerAlias: alias, audiences, typ } = options;
  const main: Trusted = {
    issuer,
    alias,
    audiences,
    typ,
    isMain: true,
    renamesApi: false,
    keys: keySetOf({ alias, issuer }, options),
  };
  const further = (options.furtherIssuers ?? []).map(
    (one): Trusted => ({
      ...one,
      audiences: one.apiAudience === undefined ? audiences : [one.apiAudience],
      typ: one.accessTokenTyp ?? typ,
      isMain: false,
      renamesApi: one.apiAudience !== undefined,
      keys: keySetOf(one, options),
    }),
  );
  const remembered = new Map<string, Principal>();

  const verify = async (token: string): Promise<Principal> => {
    // Which issuer's keys to look at; whether it is really theirs, the signature says.
    const named = further.length === 0 ? undefined : decodeJwt(token).iss?.replace(/\/$/, '');
    const trusted = further.find((one) => one.issuer === named) ?? main;
    const { payload } = await jwtVerify(token, trusted.keys, {
      algorithms: ['RS256', 'ES256', 'PS256'],
      issuer: [trusted.issuer, `${trusted.issuer}/`],
      audience: [...trusted.audiences],
      typ: trusted.typ,
      clockTolerance: skewSeconds,
      currentDate: new Date(options.now()),
      requiredClaims: ['exp', 'sub'],
    });
    return await principalOf(payload, trusted, options);
  };

  return async (token) => {
    if (token.length > tokenLengthMax) throw new ProblemError('token-invalid');
    const hash = new Bun.CryptoHasher('sha256').update(token).digest('base64');
    const known = remembered.get(hash);
    if (known && known.expiresAt + skewSeconds > options.now() / 1000) return known;
    const principal = await verify(token).catch(translate);
    if (remembered.size >= rememberedMax) remembered.clear();
    remembered.set(hash, principal);
    return principal;
  };
};

const translate = (error: unknown): never => {
  if (error instanceof KeysUnavailableError)
    throw new ProblemError('unavailable', { retryAfterMs: 5000, cause: error });
  if (error instanceof errors.JOSEError) throw new ProblemError('token-invalid', { cause: error });
  throw new ProblemError('token-invalid', { cause: error });
};

interface Trusted {
  readonly issuer: string;
  readonly alias: string;
  readonly audiences: readonly string[];
  readonly typ: string;
  readonly isMain: boolean;
  readonly renamesApi: boolean;
  readonly keys: JWTVerifyGetKey;
}

const keySetOf = (
  { alias, issuer }: { alias: string; issuer: string },
  { keysOf, fetch, now }: VerifierOptions,
): JWTVerifyGetKey => {
  if (keysOf !== undefined) return keysOf(alias);
  const discover = discoverIssuer({ issuer, fetch });
  return createKeySet({ jwksUri: async () => (await discover()).jwksUri, fetch, now });
};

const principalOf = async (
  payload: JWTPayload,
  trusted: Trusted,
  { audiences }: VerifierOptions,
): Promise<Principal> => {
  const { sub = '' } = payload;
  const clientId = clientOf(payload);
  const kind: PrincipalKind = isMachine(payload, clientId) ? 'machine' : 'user';
  if (kind === 'machine' && !trusted.isMain) throw new Error('another issuer vouches for people only');
  const given = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? []);
  return {
    kind,
    id: await userIdOf({ issuerAlias: trusted.alias, kind, sub }),
    clientId,
    scopes: scopesOf(payload.scope),
    // An issuer with a name of its own for the API means the same API.
    audiences: trusted.renamesApi ? audiences : given,
    expiresAt: payload.exp ?? 0,
  };
};

const scopeSets = new Map<string, ReadonlySet<string>>();
const scopeSetsMax = 1000;

/** The same set for the same text: an issuer gives everybody the same scopes, and thousands of tokens are remembered. */
const scopesOf = (scope: unknown): ReadonlySet<string> => {
  const text = typeof scope === 'string' ? scope : '';
  const known = scopeSets.get(text);
  if (known !== undefined) return known;
  if (scopeSets.size >= scopeSetsMax) scopeSets.clear();
  const scopes = new Set(text.split(' ').filter(Boolean));
  scopeSets.set(text, scopes);
  return scopes;
};

const clientOf = ({ client_id: client, azp }: JWTPayload): string =>
  typeof client === 'string' ? client : typeof azp === 'string' ? azp : '';

/**
 * A client_credentials token's subject is the client itself (RFC 9068 §5). Others say it in their own way: Auth0 writes `<client>@clients` and
 * the grant type, Keycloak names a user `service-account-<client>`, Entra says `app`.
 */
const isMachine = ({ sub = '', ...claims }: JWTPayload, clientId: string): boolean =>
  sub === clientId ||
  sub === `${clientId}@clients` ||
  claims.gty === 'client-credentials' ||
  claims.preferred_username === `service-account-${clientId}` ||
  claims.idtyp === 'app';
