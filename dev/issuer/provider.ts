import type { JWK } from 'jose';
import { type Adapter, type ClientMetadata, type Configuration, Provider } from 'oidc-provider';
import { apiScopes } from './clients.ts';
import { accountOf, grantEverything } from './grants.ts';
import { type HabitName, withHabits } from './habits.ts';
import { messagePage, signOutPage } from './pages.ts';
import { defaultResource, resourceServerInfo } from './resources.ts';

const fourteenDays = 14 * 24 * 60 * 60;

/** What a provider is made of. */
export type ProviderParts = {
  issuer: string;
  publicUrl: string;
  adapter: (model: string) => Adapter;
  clients: ClientMetadata[];
  signingKeys: JWK[];
  cookieKeys: string[];
  accessTokenSeconds: number;
  machineTokenSeconds: number;
  nowSeconds: () => number;
  habit?: HabitName | undefined;
};

/** The OpenID Connect provider: code flow with PKCE, rotating refresh tokens, machine tokens, logout. */
export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.issuer, withHabits(parts.habit, configuration(parts)));
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
    findAccount: async (_ctx, sub) => accountOf(sub),
    loadExistingGrant: (ctx) => grantEverything(ctx, parts.nowSeconds() + fourteenDays),
    rotateRefreshToken: true,
    // Without the scope offline_access too, which would need a consent prompt: such a token ends with its session here.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
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
      ClientCredentials: parts.machineTokenSeconds,
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
