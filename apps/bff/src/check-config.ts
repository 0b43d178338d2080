import { ConfigError, withoutFaults } from '@chatapp/service/config';
import { isGuessable, productionFaults, unless } from '@chatapp/service/production';
import { isEncrypted, isLoopback } from '@chatapp/service/safe-address';
import type { BffConfig } from './config.ts';

/** Refuses what would be unsafe or could not work however each variable is spelt. All faults in one error, without values. */
export const checkConfig = (config: BffConfig): BffConfig =>
  withoutFaults(config, [
    ...transportFaults(config),
    ...originFaults(config),
    ...clientFaults(config),
    ...lifetimeFaults(config),
    ...productionFaults(config, ownProductionFaults),
  ]);

/** Cookies and tokens over plain http are for this machine alone. */
const transportFaults = (config: BffConfig): string[] => [
  ...unlessSafe('PUBLIC_URL', [config.publicUrl]),
  ...unlessSafe('ORIGINS', config.origins ?? []),
  ...unlessSafe('OIDC_END_SESSION_URL', config.endSessionUrl === undefined ? [] : [config.endSessionUrl]),
  ...unlessSafe('REALTIME_PUBLIC_URL', config.realtimePublicUrl === undefined ? [] : [config.realtimePublicUrl]),
  ...unlessSafe(
    'OIDC_FURTHER_ISSUERS',
    (config.furtherIssuers ?? []).map(({ issuer }) => issuer),
  ),
];

const unlessSafe = (name: string, urls: readonly string[]): string[] =>
  urls.every((address) => isEncrypted(address) || isLoopback(address))
    ? []
    : [`${name} must be https, or http on a loopback host (localhost, 127.0.0.1)`];

/** Origins are compared whole: a pattern would never match, and who writes one means something that is not there. */
const originFaults = ({ publicUrl, origins = [] }: BffConfig): string[] => {
  const exact = (address: string) => {
    const { hostname, origin } = new URL(address);
    return !/[*%]/.test(hostname) && address === origin;
  };
  return [
    ...(exact(publicUrl) ? [] : ['PUBLIC_URL must be an origin, without a path']),
    ...(origins.every(exact) ? [] : ['ORIGINS must be whole origins, without wildcards and paths']),
  ];
};

const clientFaults = ({ clientKeyFile, clientSecretFile, issuerAlias, furtherIssuers = [] }: BffConfig): string[] => {
  const aliases = [issuerAlias, ...furtherIssuers.map(({ alias }) => alias)];
  const one = (key: string | undefined, secret: string | undefined) => (key === undefined) !== (secret === undefined);
  return [
    ...(one(clientKeyFile, clientSecretFile)
      ? []
      : [
          'set one of OIDC_CLIENT_KEY_FILE and OIDC_CLIENT_SECRET_FILE, the key where the issuer knows private_key_jwt',
        ]),
    ...(furtherIssuers.every((issuer) => one(issuer.clientKeyFile, issuer.clientSecretFile))
      ? []
      : ['OIDC_FURTHER_ISSUERS must name one of clientKeyFile and clientSecretFile for each issuer']),
    ...(new Set(aliases).size === aliases.length
      ? []
      : ['OIDC_FURTHER_ISSUERS must give each issuer an alias of its own']),
  ];
};

const lifetimeFaults = ({ sessionIdleSeconds, sessionAbsoluteSeconds }: BffConfig): string[] =>
  sessionIdleSeconds <= sessionAbsoluteSeconds
    ? []
    : ['SESSION_IDLE_SECONDS must not be longer than SESSION_ABSOLUTE_SECONDS'];

/** What only the BFF has that is good on a developer's machine and nowhere else. */
const ownProductionFaults = ({ realtimePublicUrl, endSessionUrl }: BffConfig): readonly string[] => [
  ...unless(realtimePublicUrl === undefined || isEncrypted(realtimePublicUrl), 'REALTIME_PUBLIC_URL must be wss'),
  ...unless(endSessionUrl === undefined || isEncrypted(endSessionUrl), 'OIDC_END_SESSION_URL must be https'),
];

const secretLengthMin = 16;

/** Reads each client's secret once, to refuse one that anybody could guess. */
export const checkSecrets = async (config: BffConfig): Promise<void> => {
  const files = [config.clientSecretFile, ...(config.furtherIssuers ?? []).map(({ clientSecretFile: file }) => file)];
  for (const file of files) {
    if (file === undefined) continue;
    const secret = (
      await Bun.file(file)
        .text()
        .catch(() => '')
    ).trim();
    if (secret.length < secretLengthMin || isGuessable(secret)) {
      throw new ConfigError([
        `the file of OIDC_CLIENT_SECRET_FILE must hold a random secret of at least ${secretLengthMin} characters`,
      ]);
    }
  }
};
