import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import { decodeJwt, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import type { Tokens } from '../session/session.ts';
import { audienceParameters, authorizationUrl, type Manner, type Proof } from './authorization-request.ts';
import { clientAuthentication } from './client-authentication.ts';
import { connectIssuer } from './issuer-connection.ts';
import { isAway, LoginRefusedError, NotSignedInThereError, RefreshRefusedError, unavailable } from './issuer-errors.ts';
import type { IssuerSettings } from './issuer-settings.ts';

export interface IssuerClientOptions {
  readonly settings: IssuerSettings;
  /** Where the issuer sends people after they signed out. */
  readonly afterLogoutUri: string;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
  readonly clock?: Clock;
}

/** The tokens for the code in an issuer's answer, and the ID token's claims. */
export interface Redeemed {
  readonly tokens: Tokens;
  readonly claims: oauth.IDToken;
}

export type IssuerClient = ReturnType<typeof createIssuerClient>;

const algorithms = ['RS256', 'ES256', 'PS256'];
const accessSecondsDefault = 300;
/** A step-up counts for so long after the person proved who they are. */
const freshSecondsMax = 300;

/** This app as a client of one issuer (oauth4webapi): everything is validated here. Throws `unavailable` where the issuer does not answer. */
export const createIssuerClient = (options: IssuerClientOptions) => {
  const { settings, now, log } = options;
  const { clientId, alias, name, logoutTokenTyp } = settings;
  const client: oauth.Client = { client_id: clientId, [oauth.clockTolerance]: 30 };
  const connection = connectIssuer({ ...options, issuer: settings.issuer });
  const { metadata, present, keys, http } = connection;
  const withAudience = { ...http, additionalParameters: audienceParameters(settings) };
  const authenticate = async () => await clientAuthentication(settings, await metadata());

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

  const redeem = async (callback: URLSearchParams, proof: Proof, manner: Manner): Promise<Redeemed> => {
    const server = await metadata();
    const code = oauth.validateAuthResponse(server, client, callback, proof.state);
    const { redirectUri } = settings;
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      await authenticate(),
      code,
      redirectUri,
      proof.codeVerifier,
      withAudience,
    );
    const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: proof.nonce,
      requireIdToken: true,
      ...(manner === 'step-up' ? { maxAge: freshSecondsMax } : {}),
    });
    await verifyIdToken(server, answer.id_token ?? '');
    const claims = oauth.getValidatedIdTokenClaims(answer);
    if (claims === undefined) throw new Error('no ID token');
    if (manner === 'step-up') refuseWeak(claims, settings);
    return { tokens: tokensOf(answer), claims };
  };

  const revoke = async (refreshToken: string): Promise<void> => {
    try {
      const server = await metadata();
      if (server.revocation_endpoint === undefined) return;
      const extra = { ...http, additionalParameters: { token_type_hint: 'refresh_token' } };
      const response = await oauth.revocationRequest(server, client, await authenticate(), refreshToken, extra);
      await oauth.processRevocationResponse(response);
    } catch (error) {
      log.warn({ error }, 'a refresh token could not be revoked');
    }
  };

  return {
    alias,
    name,
    clientId,
    logoutTokenTyp,
    metadata,
    present,
    /** The issuer's public keys, for what else it signs. */
    keys,

    /** Where the browser goes to sign in. */
    authorizationUrl: (proof: Proof, manner: Manner = 'sign-in'): Promise<URL> =>
      authorizationUrl(settings, connection, { proof, manner, log }),

    /** Throws LoginRefusedError; NotSignedInThereError where a silent sign-in needs a page. */
    async redeem(callback: URLSearchParams, proof: Proof, manner: Manner = 'sign-in'): Promise<Redeemed> {
      try {
        return await redeem(callback, proof, manner);
      } catch (cause) {
        if (isAway(cause)) throw unavailable(cause);
        throw manner === 'silent' && needsPage(cause) ? new NotSignedInThereError() : refused(cause);
      }
    },

    /** New tokens; the refresh token that is handed in is used up. Throws RefreshRefusedError. */
    async refresh(refreshToken: string, former: Tokens): Promise<Tokens> {
      const server = await metadata();
      try {
        const proof = await authenticate();
        const response = await oauth.refreshTokenGrantRequest(server, client, proof, refreshToken, withAudience);
        const answer = await oauth.processRefreshTokenResponse(server, client, response);
        const claims = oauth.getValidatedIdTokenClaims(answer);
        if (claims === undefined || isSamePerson(claims, former.idToken)) return tokensOf(answer, former);
        if (answer.refresh_token !== undefined) await revoke(answer.refresh_token);
        throw new RefreshRefusedError('the issuer answered for another person');
      } catch (cause) {
        if (cause instanceof RefreshRefusedError) throw cause;
        if (cause instanceof oauth.ResponseBodyError && cause.error === 'invalid_grant') {
          throw new RefreshRefusedError('the issuer renews this session no more', { cause });
        }
        throw unavailable(cause);
      }
    },

    /** RFC 7009, as far as the issuer offers it and answers; what remains ends by itself. */
    revoke,

    /** Where the browser goes to sign out at the issuer too; undefined where that is not offered, or the issuer is away. */
    async logoutUrl(idToken: string): Promise<URL | undefined> {
      const server = await present().catch(() => undefined);
      if (server === undefined) return undefined;
      // A page that is not OpenID Connect's own is told nothing of ours: it would not know what an ID token is.
      if (server.end_session_endpoint === undefined)
        return settings.endSessionUrl === undefined ? undefined : new URL(settings.endSessionUrl);
      const url = new URL(server.end_session_endpoint);
      url.searchParams.set('id_token_hint', idToken);
      url.searchParams.set('client_id', clientId);
      url.searchParams.set('post_logout_redirect_uri', options.afterLogoutUri);
      return url;
    },
  };
};

/** OpenID Connect Core §12.2: a refreshed ID token is of the same issuer about the same person. */
const isSamePerson = ({ iss, sub }: oauth.IDToken, formerIdToken: string): boolean => {
  try {
    const former = decodeJwt(formerIdToken);
    return former.iss === iss && former.sub === sub;
  } catch {
    return false;
  }
};

/** OpenID Connect Core §3.1.2.6: what only a page can settle. */
const pageErrors = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required'];
const needsPage = (cause: unknown): boolean =>
  cause instanceof oauth.AuthorizationResponseError && pageErrors.includes(cause.error);

const refused = (cause: unknown): LoginRefusedError => {
  if (cause instanceof LoginRefusedError) return cause;
  const declined = cause instanceof oauth.AuthorizationResponseError && cause.error === 'access_denied';
  return new LoginRefusedError(declined ? 'declined' : 'issuer', 'the issuer did not sign this person in', { cause });
};

const refuseWeak = (claims: oauth.IDToken, { stepUpAcr }: IssuerSettings): void => {
  if (stepUpAcr === undefined || stepUpAcr.split(' ').includes(String(claims.acr))) return;
  throw new LoginRefusedError('not-fresh', 'the person did not prove who they are as strongly as is demanded');
};
