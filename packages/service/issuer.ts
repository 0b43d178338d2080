import { t } from 'elysia';
import { compileSchema } from './schema.ts';

const Discovery = compileSchema(t.Object({ issuer: t.String(), jwks_uri: t.String(), token_endpoint: t.String() }));

export interface IssuerMetadata {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly tokenEndpoint: string;
}

/** The issuer's metadata, fetched when first needed and kept; one fetch in flight, and a failed one is tried again by the next caller. */
export const discoverIssuer = (options: { issuer: string; fetch: typeof fetch }): (() => Promise<IssuerMetadata>) => {
  let known: Promise<IssuerMetadata> | undefined;
  return () => {
    known ??= fetchMetadata(options).catch((error) => {
      known = undefined;
      throw error;
    });
    return known;
  };
};

/** OIDC Discovery §4.3: the document's `issuer` must be exactly the configured one. */
const fetchMetadata = async (options: { issuer: string; fetch: typeof fetch }): Promise<IssuerMetadata> => {
  const response = await options.fetch(`${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(5000),
  });
  const document: unknown = response.ok ? await response.json() : undefined;
  if (!Discovery.check(document))
    throw new Error(`the issuer's discovery document cannot be read (${response.status})`);
  if (document.issuer.replace(/\/$/, '') !== options.issuer.replace(/\/$/, '')) {
    throw new Error('the discovery document names another issuer');
  }
  return { issuer: document.issuer, jwksUri: document.jwks_uri, tokenEndpoint: document.token_endpoint };
};
