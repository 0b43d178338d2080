import type { BffConfig } from '../config.ts';

/** What an issuer is told about the API: RFC 8707's `resource`, the `audience` of Auth0, both, or nothing where it knows by itself. */
export type AudienceParameter = 'both' | 'resource' | 'audience' | 'none';

/** One issuer, and this app as its client. */
export interface IssuerSettings {
  /** Part of the ids of its people. */
  readonly alias: string;
  /** What people choose it by. */
  readonly name: string;
  readonly issuer: string;
  readonly redirectUri: string;
  readonly clientId: string;
  /** One of the two is set. */
  readonly clientKeyFile?: string | undefined;
  readonly clientSecretFile?: string | undefined;
  /** The audience of a person's access token. */
  readonly apiAudience: string;
  readonly audienceParameter: AudienceParameter;
  readonly scope: string;
  /** `typ` of its logout tokens: `logout+jwt`, or what an older issuer writes. */
  readonly logoutTokenTyp: string;
  /** Its page for signing out, with its parameters, where its discovery document names none. */
  readonly endSessionUrl?: string | undefined;
  /** Values of `acr` that are strong enough to end all sessions, by spaces; none where a fresh sign-in is. */
  readonly stepUpAcr?: string | undefined;
}

/** The main issuer, then the further ones. Each has a redirect URI of its own, so that no answer passes for another's (RFC 9700 §4.4). */
export const issuersOf = (config: BffConfig): readonly [IssuerSettings, ...IssuerSettings[]] => {
  const { publicUrl, scope, audienceParameter, logoutTokenTyp, apiAudience } = config;
  const main = {
    ...config,
    alias: config.issuerAlias,
    name: config.issuerName ?? new URL(config.issuer).host,
    redirectUri: `${publicUrl}/bff/callback`,
  };
  const further = (config.furtherIssuers ?? []).map((one) => ({
    scope,
    audienceParameter,
    logoutTokenTyp,
    apiAudience,
    ...one,
    redirectUri: `${publicUrl}/bff/callback/${one.alias}`,
  }));
  return [main, ...further];
};
