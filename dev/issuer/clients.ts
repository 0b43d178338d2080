import { apiAudience, type MachineScope, serviceAudience, serviceOf } from '@chatapp/contract/scopes';
import type { JWK } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import { clientIds } from '../keys.ts';

/** The scopes of a person's access token. */
export const apiScopes = ['openid', 'profile', 'email', 'offline_access'] as const;

/** What a machine may ask for, at the audience of the service that the scope names. */
const scopesOfMachine: Record<string, readonly MachineScope[]> = {
  bff: ['conversations:users.write'],
  conversations: ['messages:heads.read', 'bff:sessions.write'],
  messages: ['conversations:access.read'],
  realtime: ['conversations:access.read', 'messages:heads.read', 'messages:changes.read', 'bff:sessions.read'],
  bot: [],
};

/** The clients that may act on the API as a machine of their own, without a person. */
const apiMachines: readonly string[] = ['bot'];

/** The scopes that a client may ask for at an audience, undefined when that audience is closed to it. */
export function scopesOpenTo(clientId: string, audience: string): readonly string[] | undefined {
  if (audience === apiAudience) return apiMachines.includes(clientId) ? [] : undefined;
  const scopes = scopesOfMachine[clientId]?.filter((scope) => serviceAudience(serviceOf(scope)) === audience);
  return scopes?.length ? scopes : undefined;
}

/** The metadata of every client; each proves itself by a signature (`private_key_jwt`), so no secret is shared. */
export function clientMetadata(publicUrl: string, publicKeys: ReadonlyMap<string, JWK>): ClientMetadata[] {
  return clientIds.map((id) => {
    const key = publicKeys.get(id);
    if (!key) throw new Error(`no public key for the client ${id}`);
    return { ...(id === 'bff' ? bffMetadata(publicUrl) : machineMetadata), ...signedBy(key), client_id: id };
  });
}

const machineMetadata = {
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
} satisfies Partial<ClientMetadata>;

function bffMetadata(publicUrl: string): Partial<ClientMetadata> {
  return {
    client_name: 'ChatApp',
    client_uri: `${publicUrl}/`,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    // The second one is for a BFF that knows this issuer as one beside its main one.
    redirect_uris: [`${publicUrl}/bff/callback`, `${publicUrl}/bff/callback/neighbour`],
    post_logout_redirect_uris: [`${publicUrl}/`],
    backchannel_logout_uri: `${publicUrl}/bff/backchannel-logout`,
    backchannel_logout_session_required: true,
    scope: apiScopes.join(' '),
  };
}

function signedBy(key: JWK): Partial<ClientMetadata> {
  return {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    // The provider's type of a JWK is narrower than jose's, of which it keeps the members it knows.
    jwks: { keys: [key] } as NonNullable<ClientMetadata['jwks']>,
  };
}
