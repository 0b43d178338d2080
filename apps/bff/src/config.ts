import {
  clientSettings,
  issuerSettings,
  listenSettings,
  originSettings,
  redisSettings,
  serviceUrlSettings,
} from '@chatapp/service/common-settings';
import { type Config, integer, oneOf, optional, text, url } from '@chatapp/service/config';

const perMinute = (name: string, about: string, initial: number) =>
  integer(name, { about: `${about}, over all instances`, default: initial, min: 1, max: 1_000_000_000 });

export const settings = {
  ...listenSettings(3000),
  sharedPort: optional(
    integer('SHARED_PORT', {
      about:
        'a further port, which all instances on this machine listen on; the kernel spreads the connections (Linux)',
      min: 1,
      max: 65_535,
    }),
  ),
  ...redisSettings,
  ...issuerSettings,
  ...clientSettings('bff'),
  clientKeyFile: optional(clientSettings('bff').clientKeyFile),
  clientSecretFile: optional(
    text('OIDC_CLIENT_SECRET_FILE', {
      about: 'file with the secret of this client, for an issuer that knows no private_key_jwt; in place of the key',
    }),
  ),
  issuerName: optional(
    text('OIDC_ISSUER_NAME', { about: 'what people choose the issuer by, where there are several; default: its host' }),
  ),
  scope: text('OIDC_SCOPE', {
    about: 'scopes that a sign-in asks for',
    default: 'openid profile email offline_access',
  }),
  audienceParameter: oneOf('OIDC_AUDIENCE_PARAMETER', ['both', 'resource', 'audience', 'none'], {
    about: 'how the issuer is told of API_AUDIENCE: resource (RFC 8707), audience (Auth0), both, or none',
    default: 'both',
  }),
  logoutTokenTyp: text('OIDC_LOGOUT_TOKEN_TYP', {
    about: '`typ` of logout tokens; `JWT` for an older issuer',
    default: 'logout+jwt',
  }),
  endSessionUrl: optional(
    url('OIDC_END_SESSION_URL', ['https', 'http'], {
      about: 'where people sign out at an issuer whose discovery document names no such page; opened as it is',
    }),
  ),
  stepUpAcr: optional(
    text('OIDC_STEP_UP_ACR', {
      about: 'values of `acr`, by spaces, that signing out everywhere demands; default: any fresh sign-in',
    }),
  ),
  ...originSettings,
  conversationsUrls: serviceUrlSettings.conversationsUrls,
  messagesUrls: serviceUrlSettings.messagesUrls,
  realtimeUrls: serviceUrlSettings.realtimeUrls,
  realtimePublicUrl: optional(
    url('REALTIME_PUBLIC_URL', ['ws', 'wss'], {
      about:
        'where browsers open their socket, with its path (wss://rt.example.org/realtime); default: the relay of the BFF',
    }),
  ),
  sessionIdleSeconds: integer('SESSION_IDLE_SECONDS', {
    about: 'a session that is not used ends after this time, s',
    default: 28_800,
    min: 1,
    max: 2_592_000,
  }),
  sessionAbsoluteSeconds: integer('SESSION_ABSOLUTE_SECONDS', {
    about: "a session ends after this time at the latest, s; not more than the issuer's refresh token lives",
    default: 604_800,
    min: 1,
    max: 31_536_000,
  }),
  destinationsFile: optional(
    text('DESTINATIONS_FILE', {
      about: 'JSON file that names the instances of services and is followed: { "messages": ["http://…"] }',
    }),
  ),
  healthCheckMs: integer('HEALTH_CHECK_MS', {
    about: 'how often each instance of a service is asked whether it is ready, ms',
    default: 2000,
    min: 100,
    max: 60_000,
  }),
  trustedHops: integer('TRUSTED_HOPS', {
    about: 'proxies of ours in front of the BFF: so many entries of X-Forwarded-For, from its end, are believed',
    default: 0,
    min: 0,
    max: 10,
  }),
  requestsPerMinute: perMinute('REQUESTS_PER_MINUTE', 'requests of one session a minute', 1200),
  addressRequestsPerMinute: perMinute(
    'ADDRESS_REQUESTS_PER_MINUTE',
    'requests without a session of one address a minute (IPv6: of one /64)',
    12_000,
  ),
  signInsPerMinute: perMinute('SIGN_INS_PER_MINUTE', 'sign-ins that one address begins a minute', 1200),
  metrics: optional(
    oneOf('METRICS', ['loopback', 'off'], {
      about:
        'who may read /metrics: this machine, and so whoever a proxy on it lets through that adds no header of its own (loopback), or nobody (off); default: loopback, but for production and where PUBLIC_URL is https',
    }),
  ),
  webDist: optional(
    text('WEB_DIST', { about: 'folder of the built web client; default: web/dist of this repository' }),
  ),
};

export type BffConfig = Config<typeof settings>;

/** Whether `/metrics` answers anybody: where nothing is said, on a developer's machine only, which an https PUBLIC_URL does not name. */
export const answersMetrics = ({
  metrics,
  environment,
  publicUrl,
}: Pick<BffConfig, 'metrics' | 'environment' | 'publicUrl'>): boolean =>
  metrics === undefined ? environment !== 'production' && !publicUrl.startsWith('https:') : metrics === 'loopback';
