import type { JWK } from 'jose';
import {
  type Adapter,
  type ClientMetadata,
  type Configuration,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import { apiAudience, apiScopes } from './clients.ts';
import { messagePage, signOutPage } from './pages.ts';
import { personBySub } from './people.ts';
import { defaultResource, resourceServerInfo } from './resources.ts';

const fourteenDays = 14 * 24 * 60 * 60;
const machineTokenSeconds = 10 * 60;

/** What a provider is made of. */
export type ProviderParts = {
  issuer: string;
  publicUrl: string;
  adapter: (model: string) => Adapter;
  clients: ClientMetadata[];
  signingKeys: JWK[];
  cookieKeys: string[];
  accessTokenSeconds: number;
};

/** The OpenID Connect provider: code flow with PKCE, rotating refresh tokens, machine tokens, logout. */
export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.issuer, configuration(parts));
  // Every address in an answer is the issuer's, which the server puts in front as if it were a proxy: see server.ts.
  provider.proxy = true;
  return provider;
}

function configuration(parts: ProviderParts): Configuration {
  return {
    adapter: parts.adapter,
    clients: parts.clients,
    // The provider's type of a JWK is narrower than jose's, of which it keeps the members it knows.
    jwks: { keys: parts.signingKeys } as NonNullable<Configuration['jwks']>,
    cookies: cookies(parts),
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    scopes: [...apiScopes],
    responseTypes: ['code'],
    clientAuthMethods: ['private_key_jwt'],
    conformIdTokenClaims: false,
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    clientBasedCORS: () => false,
    findAccount: async (_ctx, sub) => account(sub),
    loadExistingGrant,
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // A session at the BFF lives by its refresh token, not by the cookie of the issuer. Logout revokes the grant of both.
    expiresWithSession: async () => false,
    extraTokenClaims: async (_ctx, token) => ('sid' in token && token.sid ? { sid: token.sid } : undefined),
    renderError: async (ctx, out) => {
      ctx.type = 'html';
      ctx.body = messagePage({
        title: 'This did not work',
        text: out.error_description ?? out.error,
        link: { href: `${parts.publicUrl}/`, text: 'Go back to ChatApp and start again' },
      });
    },
    ttl: {
      AccessToken: parts.accessTokenSeconds,
      AuthorizationCode: 60,
      ClientCredentials: machineTokenSeconds,
      Grant: fourteenDays,
      IdToken: 60 * 60,
      Interaction: 60 * 60,
      RefreshToken: fourteenDays,
      Session: fourteenDays,
    },
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256'],
      idTokenSigningAlgValues: ['ES256'],
    },
    features: features(parts),
  };
}

function features({ publicUrl }: ProviderParts): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    clientCredentials: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
    pushedAuthorizationRequests: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (ctx, _client, oneOf) => defaultResource(ctx, oneOf),
      getResourceServerInfo: async (ctx, resource, client) => resourceServerInfo(ctx, resource, client.clientId),
      useGrantedResource: async () => true,
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: async (ctx, form) => {
        ctx.body = signOutPage(form);
      },
      postLogoutSuccessSource: async (ctx) => {
        ctx.type = 'html';
        ctx.body = messagePage({
          title: 'You are signed out',
          text: 'You can close this page.',
          link: { href: `${publicUrl}/`, text: 'Sign in again' },
        });
      },
    },
  };
}

/** Browsers share cookies between the ports of a host, so two copies side by side need names of their own. */
function cookies({ issuer, cookieKeys }: ProviderParts): NonNullable<Configuration['cookies']> {
  const suffix = new URL(issuer).port || '0';
  return {
    keys: cookieKeys,
    names: {
      session: `issuer_session_${suffix}`,
      interaction: `issuer_interaction_${suffix}`,
      resume: `issuer_resume_${suffix}`,
    },
  };
}

function account(sub: string) {
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

/** Grants the BFF, which is ours, everything it may ask for without a question; the grant lives on from each sign-in. */
async function loadExistingGrant(ctx: KoaContextWithOIDC) {
  const { client, session, provider, account: signedIn } = ctx.oidc;
  if (!client || !session || !signedIn) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  const kept = grantId ? await provider.Grant.find(grantId) : undefined;
  const reusable = kept?.accountId === signedIn.accountId ? kept : undefined;
  const grant = reusable ?? new provider.Grant({ accountId: signedIn.accountId, clientId: client.clientId });
  if (reusable) reusable.exp = Math.floor(Date.now() / 1000) + fourteenDays;
  grant.addOIDCScope(apiScopes.join(' '));
  grant.addResourceScope(apiAudience, apiScopes.join(' '));
  await grant.save();
  return grant;
}
