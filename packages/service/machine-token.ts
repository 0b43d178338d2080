import type { Clock } from '@chatapp/resilience/clock';
import type { Destination } from '@chatapp/resilience/destination';
import { t } from 'elysia';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { IssuerMetadata } from './issuer.ts';
import { type KeptToken, keepToken } from './kept-token.ts';
import { compileSchema } from './schema.ts';

const TokenAnswer = compileSchema(t.Object({ access_token: t.String(), expires_in: t.Number() }));

export interface MachineTokenOptions {
  readonly clientId: string;
  /** The client's private JWK or its secret, read anew for each token, so that either rotates without a restart. */
  readonly clientKey?: (() => Promise<JWK>) | undefined;
  readonly clientSecret?: (() => Promise<string>) | undefined;
  readonly discover: () => Promise<IssuerMetadata>;
  /** The issuer. Each attempt signs an assertion of its own: an issuer takes each `jti` once. */
  readonly destination: Destination;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** By which the lives of tokens are measured, and their renewals begun. */
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly random: () => number;
}

export interface MachineTokens {
  /** A token for an audience with scopes, from then on renewed before half of its life is over; one request in flight each. */
  get(audience: string, scopes: readonly string[]): Promise<string>;
  /** See KeptToken. */
  drop(token: string): void;
}

export const createMachineTokens = (options: MachineTokenOptions): MachineTokens => {
  const kept = new Map<string, KeptToken>();

  const keep = (audience: string, scopes: readonly string[]): KeptToken =>
    keepToken({
      clock: options.clock,
      random: options.random,
      fetchToken: () =>
        options.destination.call(({ signal }) => requestToken(options, { audience, scopes, signal }), {
          idempotent: true,
          retryable: (outcome) => ({ retry: 'error' in outcome && !(outcome.error instanceof TokenRefusedError) }),
        }),
    });

  return {
    get(audience, scopes) {
      const key = `${audience} ${scopes.join(' ')}`;
      const token = kept.get(key) ?? keep(audience, scopes);
      kept.set(key, token);
      return token.get();
    },
    drop(token) {
      for (const one of kept.values()) one.drop(token);
    },
  };
};

/** The issuer understood and said no: asking again does not help. */
class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';
}

const requestToken = async (
  options: MachineTokenOptions,
  { audience, scopes, signal }: { audience: string; scopes: readonly string[]; signal: AbortSignal },
) => {
  const { issuer, tokenEndpoint } = await options.discover();
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: scopes.join(' '),
    resource: audience,
    // Auth0 knows no RFC 8707 and takes `audience`.
    audience,
  });
  const headers = await authenticate(options, issuer, body);
  const response = await options.fetch(tokenEndpoint, { method: 'POST', headers, body, redirect: 'error', signal });
  if (response.status >= 400 && response.status < 500) {
    throw new TokenRefusedError(`the issuer refuses a token for ${audience} (${response.status})`);
  }
  const answer: unknown = response.ok ? await response.json() : undefined;
  if (!TokenAnswer.check(answer)) throw new Error(`the issuer gave no token for ${audience} (${response.status})`);
  return { token: answer.access_token, expiresInMs: answer.expires_in * 1000 };
};

/** Adds the client's proof to the body, or answers it as headers. */
const authenticate = async (
  options: MachineTokenOptions,
  issuer: string,
  body: URLSearchParams,
): Promise<Record<string, string>> => {
  const { clientId, clientKey, clientSecret } = options;
  if (clientKey !== undefined) {
    body.set('client_id', clientId);
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', await clientAssertion(options, await clientKey(), issuer));
    return {};
  }
  if (clientSecret === undefined) throw new Error('the client has neither a key nor a secret');
  // RFC 6749 §2.3.1: both halves are form-encoded first.
  const encoded = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  return { authorization: `Basic ${btoa(`${encoded(clientId)}:${encoded(await clientSecret())}`)}` };
};

/** RFC 7523 §3; the audience is the issuer's identifier. */
const clientAssertion = async (options: MachineTokenOptions, key: JWK, issuer: string): Promise<string> => {
  const alg = key.alg ?? 'ES256';
  const seconds = Math.floor(options.clock.now() / 1000);
  return await new SignJWT({})
    .setProtectedHeader(key.kid ? { alg, kid: key.kid } : { alg })
    .setIssuer(options.clientId)
    .setSubject(options.clientId)
    .setAudience(issuer)
    .setJti(crypto.randomUUID())
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 60)
    .sign(await importJWK(key, alg));
};
