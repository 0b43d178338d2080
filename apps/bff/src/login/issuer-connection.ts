import type { Clock } from '@chatapp/resilience/clock';
import { createDestination, defaultOptions } from '@chatapp/resilience/destination';
import { createResilientFetch } from '@chatapp/resilience/http';
import { createKeySet } from '@chatapp/service/key-set';
import type { JWTVerifyGetKey } from 'jose';
import * as oauth from 'oauth4webapi';
import { unavailable, WrongIssuerError } from './issuer-errors.ts';

export interface IssuerConnectionOptions {
  readonly issuer: string;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly clock?: Clock | undefined;
}

export interface IssuerConnection {
  /** Fetched when first needed and kept; a failed try is repeated by the next caller. */
  metadata(): Promise<oauth.AuthorizationServer>;
  /** The same of an issuer that answered within that time, ms: before a person is sent there, ten seconds. Throws `unavailable`. */
  present(withinMs?: number): Promise<oauth.AuthorizationServer>;
  /** The issuer's public keys, for all that it signs. */
  readonly keys: JWTVerifyGetKey;
  /** How oauth4webapi sends requests there. */
  readonly http: oauth.TokenEndpointRequestOptions;
}

const presentMs = 10_000;

/** The name that the document must bear: the configured one, with the slash at its end where the issuer writes one, which settings leave out. */
const expectedName = async (issuer: string, response: Response): Promise<URL> => {
  const document: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const slashed = `${issuer}/`;
  const named = typeof document === 'object' && document !== null && 'issuer' in document ? document.issuer : undefined;
  return new URL(named === slashed ? slashed : issuer);
};

/** The way to one issuer: discovery, keys, and requests under the policies of a destination. */
export const connectIssuer = ({ issuer, fetch, now, clock }: IssuerConnectionOptions): IssuerConnection => {
  const send = createResilientFetch({
    destination: createDestination({
      ...defaultOptions,
      name: 'issuer',
      deadlineMs: 5000,
      attemptTimeoutMs: 4000,
      ...(clock ? { clock } : {}),
    }),
    fetch,
  });
  const http = {
    [oauth.customFetch]: (url: string, { signal, body, ...init }: oauth.CustomFetchOptions<string, unknown>) =>
      send({ url, init: { ...init, ...(body ? { body: body as BodyInit } : {}), ...(signal ? { signal } : {}) } }),
    // The configuration lets in http for a loopback issuer only.
    [oauth.allowInsecureRequests]: issuer.startsWith('http:'),
  };

  const discover = async (): Promise<oauth.AuthorizationServer> => {
    const response = await oauth.discoveryRequest(new URL(issuer), http);
    return await oauth
      .processDiscoveryResponse(await expectedName(issuer, response), response)
      .catch((cause: unknown) => {
        const differs =
          cause instanceof oauth.OperationProcessingError && cause.code === oauth.JSON_ATTRIBUTE_COMPARISON;
        throw differs ? new WrongIssuerError('the discovery document names another issuer', { cause }) : cause;
      });
  };
  let discovered: Promise<oauth.AuthorizationServer> | undefined;
  let answeredAt = Number.NEGATIVE_INFINITY;
  const discoverNow = async (): Promise<oauth.AuthorizationServer> => {
    const found = await discover().catch((cause) => {
      throw unavailable(cause);
    });
    answeredAt = now();
    return found;
  };
  const metadata = async (): Promise<oauth.AuthorizationServer> => {
    discovered ??= discoverNow().catch((error) => {
      discovered = undefined;
      throw error;
    });
    return await discovered;
  };
  let looking: Promise<oauth.AuthorizationServer> | undefined;
  const present = async (withinMs = presentMs): Promise<oauth.AuthorizationServer> => {
    const known = await metadata();
    if (Math.abs(now() - answeredAt) < withinMs) return known;
    looking ??= discoverNow().finally(() => {
      looking = undefined;
    });
    const found = await looking;
    discovered = Promise.resolve(found);
    return found;
  };
  const keys = createKeySet({ jwksUri: async () => (await metadata()).jwks_uri ?? '', fetch, now });
  return { metadata, present, keys, http };
};
