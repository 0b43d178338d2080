import { apiAudience } from '@chatapp/contract/scopes';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { apiScopes } from './clients.ts';
import { personBySub } from './people.ts';

/** What the provider knows about a person; undefined for a subject that is nobody's. */
export function accountOf(sub: string) {
  const person = personBySub(sub);
  if (!person) return undefined;
  return {
    accountId: sub,
    claims: async () => ({
      sub,
      name: person.name,
      preferred_username: person.login,
      email: person.email,
      email_verified: true,
    }),
  };
}

/** Grants the BFF, which is ours, everything it may ask for without a question; each sign-in prolongs it to `expiresAt`, in seconds. */
export async function grantEverything(ctx: KoaContextWithOIDC, expiresAt: number) {
  const { client, session, provider, account: signedIn } = ctx.oidc;
  if (!client || !session || !signedIn) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  const kept = grantId ? await provider.Grant.find(grantId) : undefined;
  const reusable = kept?.accountId === signedIn.accountId ? kept : undefined;
  const grant = reusable ?? new provider.Grant({ accountId: signedIn.accountId, clientId: client.clientId });
  if (reusable) reusable.exp = expiresAt;
  grant.addOIDCScope(apiScopes.join(' '));
  grant.addResourceScope(apiAudience, apiScopes.join(' '));
  await grant.save();
  return grant;
}
