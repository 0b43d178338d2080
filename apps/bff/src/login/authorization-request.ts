import type { Log } from '@chatapp/service/log';
import * as oauth from 'oauth4webapi';
import { clientAuthentication } from './client-authentication.ts';
import type { IssuerConnection } from './issuer-connection.ts';
import { isAway, unavailable } from './issuer-errors.ts';
import type { IssuerSettings } from './issuer-settings.ts';

/** What a sign-in carries from its start to its end. */
export interface Proof {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/**
 * - `sign-in`: as the issuer likes it.
 * - `silent`: without a page; it says no where it would have to show one.
 * - `step-up`: the person proves who they are again, now, and as strongly as the settings say.
 */
export type Manner = 'sign-in' | 'silent' | 'step-up';

/** The parameters by which an issuer learns whom the access token is for. */
export const audienceParameters = ({
  audienceParameter: how,
  apiAudience,
}: IssuerSettings): Record<string, string> => ({
  ...(how === 'both' || how === 'resource' ? { resource: apiAudience } : {}),
  // Auth0 knows no RFC 8707 and takes `audience`.
  ...(how === 'both' || how === 'audience' ? { audience: apiAudience } : {}),
});

const mannerParameters = (manner: Manner, { stepUpAcr }: IssuerSettings): Record<string, string> => {
  switch (manner) {
    case 'sign-in':
      return {};
    case 'silent':
      return { prompt: 'none' };
    case 'step-up':
      return { max_age: '0', ...(stepUpAcr === undefined ? {} : { acr_values: stepUpAcr }) };
    default:
      return manner satisfies never;
  }
};

/** Where the browser goes to sign in. */
export const authorizationUrl = async (
  settings: IssuerSettings,
  connection: IssuerConnection,
  { proof, manner, log }: { proof: Proof; manner: Manner; log: Log },
): Promise<URL> => {
  const server = await connection.present();
  if (server.authorization_endpoint === undefined) throw unavailable(new Error('no authorization endpoint'));
  const parameters = new URLSearchParams({
    client_id: settings.clientId,
    response_type: 'code',
    redirect_uri: settings.redirectUri,
    scope: settings.scope,
    state: proof.state,
    nonce: proof.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(proof.codeVerifier),
    code_challenge_method: 'S256',
    ...audienceParameters(settings),
    ...mannerParameters(manner, settings),
  });
  const url = new URL(server.authorization_endpoint);
  for (const [name, value] of await pushed(settings, connection, parameters, log)) url.searchParams.set(name, value);
  return url;
};

/** RFC 9126, where the issuer offers it; where it is offered but refused, the parameters go with the browser. */
const pushed = async (
  settings: IssuerSettings,
  { metadata, http }: IssuerConnection,
  parameters: URLSearchParams,
  log: Log,
): Promise<URLSearchParams> => {
  const server = await metadata();
  if (server.pushed_authorization_request_endpoint === undefined) return parameters;
  const client = { client_id: settings.clientId };
  try {
    const authenticate = await clientAuthentication(settings, server);
    const response = await oauth.pushedAuthorizationRequest(server, client, authenticate, parameters, http);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, response);
    return new URLSearchParams({ client_id: settings.clientId, request_uri });
  } catch (error) {
    // Nobody is sent to an issuer that does not answer.
    if (server.require_pushed_authorization_requests || isAway(error)) throw unavailable(error);
    log.warn({ error }, 'the issuer refuses pushed authorization requests');
    return parameters;
  }
};
