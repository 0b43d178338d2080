import type { Clock } from '@chatapp/resilience/clock';
import { createDestination, defaultOptions } from '@chatapp/resilience/destination';
import { ResilienceError } from '@chatapp/resilience/errors';
import { createResilientFetch } from '@chatapp/resilience/http';
import { createKeySet, KeysUnavailableError } from '@chatapp/service/key-set';
import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import { importJWK, type JWK, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import type { Tokens } from '../session/session.ts';

export interface IssuerClientOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** The client's private JWK, read anew each time, so that a key rotates without a restart. */
  readonly clientKey: () => Promise<JWK>;
  readonly redirectUri: string;
  /** Where the issuer sends people after they signed out. */
  readonly afterLogoutUri: string;
  /** The audience of a person's access token. */
  readonly apiAudience: string;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
  readonly clock?: Clock;
}

/** What a sign-in carries from its start to its end. */
export interface Proof {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The issuer answered and says no; its own reason is the cause. */
export class LoginRefusedError extends Error {
  override readonly name = 'LoginRefusedError';
}

/** The issuer renews this session no more. */
export class RefreshRefusedError extends Error {
  override readonly name = 'RefreshRefusedError';
}

export type IssuerClient = ReturnType<typeof createIssuerClient>;

const scope = 'openid profile email offline_access';
const algorithms = ['RS256', 'ES256', 'PS256'];
const accessSecondsDefault = 300;

/** This app as a client of the issuer (oauth4webapi): everything is validated here. Throws `unavailable` where the issuer does not answer. */
export const createIssuerClient = (options: IssuerClientOptions) => {
  const { clientId, now } = options;
  const client: oauth.Client = { client_id: clientId, [oauth.clockTolerance]: 30 };
  const send = createResilientFetch({
    destination: createDestination({
      ...defaultOptions,
      name: 'issuer',
      deadlineMs: 5000,
      attemptTimeoutMs: 4000,
      ...(options.clock ? { clock: options.clock } : {}),
    }),
    fetch: options.fetch,
  });
  const http = {
    [oauth.customFetch]: (url: string, { signal, body, ...init }: oauth.CustomFetchOptions<string, unknown>) =>
      send({ url, init: { ...init, ...(body ? { body: body as BodyInit } : {}), ...(signal ? { signal } : {}) } }),
    // The configuration lets in http for a loopback issuer only.
    [oauth.allowInsecureRequests]: options.issuer.startsWith('http:'),
  };

  const authentication = async (): Promise<oauth.ClientAuth> => {
    const jwk = await options.clientKey();
    const key = (await importJWK(jwk, jwk.alg ?? 'ES256')) as CryptoKey;
    return oauth.PrivateKeyJwt(jwk.kid ? { key, kid: jwk.kid } : { key });
  };

  const discover = async (): Promise<oauth.AuthorizationServer> => {
    const url = new URL(options.issuer);
    return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, http));
  };
  let discovered: Promise<oauth.AuthorizationServer> | undefined;
  /** Fetched when first needed and kept; a failed try is repeated by the next caller. */
  const metadata = async (): Promise<oauth.AuthorizationServer> => {
    discovered ??= discover().catch((cause) => {
      discovered = undefined;
      throw unavailable(cause);
    });
    return await discovered;
  };

  const keys = createKeySet({
    jwksUri: async () => (await metadata()).jwks_uri ?? '',
    fetch: options.fetch,
    now,
  });

  /** Checks the signature too: oauth4webapi trusts the connection that an ID token came over. */
  const verifyIdToken = async (server: oauth.AuthorizationServer, idToken: string) => {
    const checks = { algorithms, issuer: server.issuer, audience: clientId, clockTolerance: 30 };
    await jwtVerify(idToken, keys, { ...checks, currentDate: new Date(now()) });
  };

  const tokensOf = (answer: oauth.TokenEndpointResponse, former?: Tokens): Tokens => {
    const lifeMs = (answer.expires_in ?? accessSecondsDefault) * 1000;
    return {
      accessToken: answer.access_token,
      accessExpiresAt: now() + lifeMs,
      // Between 80 and 90 % of the life: sessions that began together do not renew together.
      refreshAt: now() + lifeMs * (0.8 + 0.1 * options.random()),
      refreshToken: answer.refresh_token ?? former?.refreshToken ?? null,
      idToken: answer.id_token ?? former?.idToken ?? '',
    };
  };

  /** RFC 9126, where the issuer offers it; where it is offered but refused, the parameters go with the browser. */
  const pushed = async (server: oauth.AuthorizationServer, parameters: URLSearchParams): Promise<URLSearchParams> => {
    if (server.pushed_authorization_request_endpoint === undefined) return parameters;
    try {
      const response = await oauth.pushedAuthorizationRequest(server, client, await authentication(), parameters, http);
      const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, response);
      return new URLSearchParams({ client_id: clientId, request_uri });
    } catch (error) {
      if (server.require_pushed_authorization_requests) throw unavailable(error);
      options.log.warn({ error }, 'the issuer refuses pushed authorization requests');
      return parameters;
    }
  };

  return {
    metadata,
    /** The issuer's public keys, for what else it signs. */
    keys,

    /** Where the browser goes to sign in. */
    async authorizationUrl({ state, nonce, codeVerifier }: Proof): Promise<URL> {
      const server = await metadata();
      const parameters = new URLSearchParams({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: options.redirectUri,
        scope,
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        resource: options.apiAudience,
        // Auth0 knows no RFC 8707 and takes `audience`.
        audience: options.apiAudience,
      });
      if (server.authorization_endpoint === undefined) throw unavailable(new Error('no authorization endpoint'));
      const url = new URL(server.authorization_endpoint);
      for (const [name, value] of await pushed(server, parameters)) url.searchParams.set(name, value);
      return url;
    },

    /** The tokens for the code in the issuer's answer, and the ID token's claims. Throws LoginRefusedError. */
    async redeem(callback: URLSearchParams, proof: Proof): Promise<{ tokens: Tokens; claims: oauth.IDToken }> {
      const server = await metadata();
      try {
        const code = oauth.validateAuthResponse(server, client, callback, proof.state);
        const extra = { ...http, additionalParameters: { resource: options.apiAudience } };
        const { redirectUri } = options;
        const authenticate = await authentication();
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          authenticate,
          code,
          redirectUri,
          proof.codeVerifier,
          extra,
        );
        const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
          expectedNonce: proof.nonce,
          requireIdToken: true,
        });
        await verifyIdToken(server, answer.id_token ?? '');
        const claims = oauth.getValidatedIdTokenClaims(answer);
        if (claims === undefined) throw new Error('no ID token');
        return { tokens: tokensOf(answer), claims };
      } catch (cause) {
        if (isAway(cause)) throw unavailable(cause);
        throw new LoginRefusedError('the issuer did not sign this person in', { cause });
      }
    },

    /** New tokens; the refresh token that is handed in is used up. Throws RefreshRefusedError. */
    async refresh(refreshToken: string, former: Tokens): Promise<Tokens> {
      const server = await metadata();
      try {
        const extra = { ...http, additionalParameters: { resource: options.apiAudience } };
        const authenticate = await authentication();
        const response = await oauth.refreshTokenGrantRequest(server, client, authenticate, refreshToken, extra);
        const answer = await oauth.processRefreshTokenResponse(server, client, response);
        return tokensOf(answer, former);
      } catch (cause) {
        if (cause instanceof oauth.ResponseBodyError && cause.error === 'invalid_grant') {
          throw new RefreshRefusedError('the issuer renews this session no more', { cause });
        }
        throw unavailable(cause);
      }
    },

    /** RFC 7009, as far as the issuer offers it and answers; what remains ends by itself. */
    async revoke(refreshToken: string): Promise<void> {
      try {
        const server = await metadata();
        if (server.revocation_endpoint === undefined) return;
        const extra = { ...http, additionalParameters: { token_type_hint: 'refresh_token' } };
        const authenticate = await authentication();
        const response = await oauth.revocationRequest(server, client, authenticate, refreshToken, extra);
        await oauth.processRevocationResponse(response);
      } catch (error) {
        options.log.warn({ error }, 'a refresh token could not be revoked');
      }
    },

    /** Where the browser goes to sign out at the issuer too; undefined where that is not offered, or the issuer is away. */
    async logoutUrl(idToken: string): Promise<URL | undefined> {
      const server = await metadata().catch(() => undefined);
      if (server?.end_session_endpoint === undefined) return undefined;
      const url = new URL(server.end_session_endpoint);
      url.searchParams.set('id_token_hint', idToken);
      url.searchParams.set('client_id', clientId);
      url.searchParams.set('post_logout_redirect_uri', options.afterLogoutUri);
      return url;
    },
  };
};

/** No answer of the issuer at all, so nothing is known about the person either. */
const isAway = (error: unknown): boolean => {
  if (error instanceof ProblemError || error instanceof ResilienceError || error instanceof KeysUnavailableError)
    return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(E[A-Z]+|Connection\w+)$/.test(code);
};

const unavailable = (cause: unknown): ProblemError =>
  cause instanceof ProblemError
    ? cause
    : new ProblemError('unavailable', { retryAfterMs: 5000, detail: 'The sign-in service does not answer.', cause });
