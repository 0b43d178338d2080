import {
  clientSettings,
  issuerSettings,
  listenSettings,
  originSettings,
  redisSettings,
  serviceUrlSettings,
} from '@chatapp/service/common-settings';
import { type Config, ConfigError, integer, oneOf, optional, text, url } from '@chatapp/service/config';

export const settings = {
  ...listenSettings(3000),
  ...redisSettings,
  ...issuerSettings,
  ...clientSettings('bff'),
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
  webDist: optional(
    text('WEB_DIST', { about: 'folder of the built web client; default: web/dist of this repository' }),
  ),
  apiDocs: optional(
    oneOf('API_DOCS', ['on', 'off'], {
      about: 'whether /swagger answers; default: on where PUBLIC_URL is http (this machine), else off',
    }),
  ),
};

export type BffConfig = Config<typeof settings>;

/** Refuses what would be unsafe however it is spelt: cookies and tokens over plain http are for this machine alone. */
export const checkConfig = (config: BffConfig): BffConfig => {
  const faults = [
    ...unsafe('PUBLIC_URL', [config.publicUrl]),
    ...unsafe('ORIGINS', config.origins ?? []),
    ...unsafe('OIDC_ISSUER', [config.issuer]),
    ...unsafe('REALTIME_PUBLIC_URL', config.realtimePublicUrl === undefined ? [] : [config.realtimePublicUrl]),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
};

const unsafe = (name: string, urls: readonly string[]): string[] =>
  urls.every(isSafe) ? [] : [`${name} must be https, or http on a loopback host (localhost, 127.0.0.1)`];

const isSafe = (address: string): boolean => {
  const { protocol, hostname } = new URL(address);
  return /^(https|wss):$/.test(protocol) || /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
};
