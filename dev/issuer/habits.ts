import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Middleware } from './middleware.ts';
import { defaultResource } from './resources.ts';

/** Whose ways the issuer takes on, for tests of the clients: what these products do otherwise than the specifications, or do not offer. */
export const habitNames = ['auth0', 'keycloak'] as const;
export type HabitName = (typeof habitNames)[number];

type JwtParts = { header?: Record<string, unknown>; payload: Record<string, unknown> };
type Habits = {
  /** The issuer's name from its origin. */
  nameOf(origin: string): string;
  /** Access tokens as the product writes them. */
  shape(jwt: JwtParts, issuer: string): void;
  configure(configuration: Configuration): Configuration;
  discovery(document: Record<string, unknown>): Record<string, unknown>;
  callback(url: URL): void;
};

const habitsOf: Record<HabitName, Habits> = {
  // A tenant of the older kind, on a plan without back-channel logout.
  auth0: {
    nameOf: (origin) => `${origin}/`,
    shape(jwt, issuer) {
      const { client_id, aud, ...payload } = jwt.payload;
      jwt.header = { ...jwt.header, typ: 'JWT' };
      jwt.payload = { ...payload, azp: client_id, aud: [aud, `${issuer}userinfo`] };
    },
    configure: (configuration) => ({
      ...configuration,
      extraParams: ['audience'],
      features: {
        ...configuration.features,
        pushedAuthorizationRequests: { enabled: false },
        rpInitiatedLogout: { enabled: false },
        backchannelLogout: { enabled: false },
        resourceIndicators: {
          ...configuration.features?.resourceIndicators,
          // Who names no `audience` gets a token that only the issuer can read.
          defaultResource: async (ctx, _client, oneOf) =>
            asksForCode(ctx) ? String(ctx.oidc.params?.audience ?? '') || [] : defaultResource(ctx, oneOf),
        },
      },
    }),
    discovery: ({ authorization_response_iss_parameter_supported: _, ...document }) => document,
    callback: (url) => url.searchParams.delete('iss'),
  },
  keycloak: {
    nameOf: (origin) => origin,
    shape(jwt) {
      const { client_id, aud, ...payload } = jwt.payload;
      jwt.header = { ...jwt.header, typ: 'JWT' };
      jwt.payload = { ...payload, typ: 'Bearer', azp: client_id, aud: [aud, 'account'], session_state: payload.sid };
    },
    // A mapper of the client's scope names the audience, whatever the client asks for.
    configure: (configuration) => ({ ...configuration, extraParams: ['audience'] }),
    discovery: (document) => document,
    callback: (url) => url.searchParams.set('session_state', crypto.randomUUID()),
  },
};

/** The issuer's name, from its origin. */
export const issuerNameWith = (habit: HabitName | undefined, origin: string): string =>
  habit === undefined ? origin : habitsOf[habit].nameOf(origin);

/** The provider's configuration, with the ways of that product. */
export function withHabits(habit: HabitName | undefined, configuration: Configuration): Configuration {
  if (habit === undefined) return configuration;
  const { configure, shape } = habitsOf[habit];
  return configure({
    ...configuration,
    formats: { customizers: { jwt: (ctx, _token, jwt) => shape(jwt as JwtParts, ctx.oidc.issuer) } },
  });
}

/** What the provider always does and the product does not: it knows no RFC 8707, and answers in its own way. */
export function answerWithHabits(habit: HabitName, callbackUrl: string): Middleware {
  const { discovery, callback } = habitsOf[habit];
  return async (ctx, next) => {
    if (ctx.path === '/auth') {
      const { resource: _, ...query } = ctx.query;
      ctx.query = query;
    }
    await next();
    if (ctx.path === '/.well-known/openid-configuration') ctx.body = discovery(ctx.body as Record<string, unknown>);
    const location: string | undefined = ctx.response.headers.location;
    if (!location?.startsWith(callbackUrl)) return;
    const url = new URL(location);
    callback(url);
    ctx.set('location', url.href);
  };
}

const asksForCode = (ctx: KoaContextWithOIDC): boolean => ctx.oidc.route !== 'token';
