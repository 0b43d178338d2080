import { apiAudience } from '@chatapp/contract/scopes';
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { apiScopes, scopesOpenTo } from './clients.ts';

type ResourceServerInfo = Omit<ResourceServer, 'identifier'>;

/** What a token for `resource` looks like and may hold; refuses an audience or a scope that the client may not ask for. */
export function resourceServerInfo(ctx: KoaContextWithOIDC, resource: string, clientId: string): ResourceServerInfo {
  return asksAsMachine(ctx) ? machineResource(ctx, resource, clientId) : personResource(resource);
}

/** The resource of a request that names none: a person's token is for the API, a machine has to say. */
export function defaultResource(ctx: KoaContextWithOIDC, oneOf?: readonly string[]): string | readonly string[] {
  if (oneOf) return oneOf;
  if (asksAsMachine(ctx)) throw new errors.InvalidTarget('name the resource that the token is for');
  return apiAudience;
}

function personResource(resource: string): ResourceServerInfo {
  if (resource !== apiAudience) throw new errors.InvalidTarget('a person has access to the API only');
  return jwtFor(resource, apiScopes);
}

function machineResource(ctx: KoaContextWithOIDC, resource: string, clientId: string): ResourceServerInfo {
  const open = scopesOpenTo(clientId, resource);
  if (!open) throw new errors.InvalidTarget('this audience is closed to the client');
  const refused = [...ctx.oidc.requestParamScopes].find((scope) => !open.includes(scope));
  // The provider leaves out what it does not know; a client that asks for too much shall hear of it.
  if (refused) throw new errors.InvalidScope('requested scope is not allowed', refused);
  return jwtFor(resource, open);
}

function jwtFor(audience: string, scopes: readonly string[]): ResourceServerInfo {
  return { audience, scope: scopes.join(' '), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } };
}

function asksAsMachine(ctx: KoaContextWithOIDC): boolean {
  return ctx.oidc.params?.grant_type === 'client_credentials';
}
