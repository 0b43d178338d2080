import { isEncrypted, isWildcard } from './safe-address.ts';

/** What services have in common, as far as they have it; `origins` is there, though undefined, where a service reads ORIGINS. */
export interface SharedConfig {
  readonly environment: 'development' | 'test' | 'production';
  readonly host: string;
  readonly wildcardHost: 'refused' | 'allowed';
  readonly logLevel: string;
  readonly apiDocs: 'on' | 'off' | undefined;
  readonly issuer: string;
  readonly furtherIssuers: readonly { readonly issuer: string }[] | undefined;
  readonly redisUrl: string;
  readonly redisPassword: (() => string) | undefined;
  readonly databaseUrl?: string;
  readonly databasePassword?: (() => string) | undefined;
  readonly publicUrl?: string;
  readonly origins?: readonly string[] | undefined;
}

/**
 * What is good on a developer's machine and nowhere else, in the words of `ConfigError`: names, never values. None unless `NODE_ENV` is `production`;
 * `own` adds what only one service has.
 */
export const productionFaults = <C extends SharedConfig>(
  config: C,
  own: (config: C) => readonly string[] = () => [],
): readonly string[] => (config.environment === 'production' ? [...sharedFaults(config), ...own(config)] : []);

/** Whether `/swagger` answers: where nothing is said, on a developer's machine only, which an https PUBLIC_URL does not name. */
export const answersDocs = ({
  apiDocs,
  environment,
  publicUrl = '',
}: Pick<SharedConfig, 'apiDocs' | 'environment' | 'publicUrl'>): boolean =>
  apiDocs === undefined ? environment !== 'production' && !publicUrl.startsWith('https:') : apiDocs === 'on';

/** The fault, where the rule does not hold. */
export const unless = (holds: boolean, fault: string): readonly string[] => (holds ? [] : [`${fault} in production`]);

const sharedFaults = (config: SharedConfig): readonly string[] => {
  const { publicUrl, origins = [], furtherIssuers = [] } = config;
  return [
    ...unless(isEncrypted(config.issuer), 'OIDC_ISSUER must be https'),
    ...unless(furtherIssuers.map(({ issuer }) => issuer).every(isEncrypted), 'OIDC_FURTHER_ISSUERS must be https'),
    ...unless(publicUrl === undefined || isEncrypted(publicUrl), 'PUBLIC_URL must be https'),
    ...unless(!('origins' in config) || config.origins !== undefined, 'ORIGINS must be set'),
    ...unless(origins.every(isEncrypted), 'ORIGINS must be https'),
    ...unless(config.apiDocs !== 'on', 'API_DOCS must be off'),
    ...unless(config.logLevel !== 'debug', 'LOG_LEVEL must not be debug'),
    ...unless(
      config.wildcardHost === 'allowed' || !isWildcard(config.host),
      'HOST must name one address, or WILDCARD_HOST say that the network is the process’s own,',
    ),
    ...passwordFaults('REDIS', config.redisUrl, config.redisPassword),
    ...(config.databaseUrl === undefined
      ? []
      : passwordFaults('DATABASE', config.databaseUrl, config.databasePassword)),
  ];
};

const passwordFaults = (name: string, url: string, password: (() => string) | undefined): readonly string[] =>
  password === undefined
    ? unless(!hasGuessablePassword(url), `${name}_URL must hold a password that nobody guesses`)
    : unless(!hasGuessablePassword(url, password()), `${name}_PASSWORD_FILE must hold a password that nobody guesses`);

/** Whether the password, in the URL unless it is given, is missing, an example's, or the name of the URL's user. */
export const hasGuessablePassword = (url: string, password = decoded(new URL(url).password)): boolean =>
  isGuessable(password) || password === decoded(new URL(url).username);

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const passwordLengthMin = 8;

/** Words that stand where a secret should, in this repository's own examples and in everybody's. */
const placeholder =
  /^(development\b.*|(your-?)?(change-?(me|it|this)|secret|passw(or|0r)d|default|example|test|admin|administrator|root|guest|demo|user|redis|postgres|yugabyte|chatapp|letmein|welcome|qwerty|abc123|12345678)[\W\d_]*)$/i;

export const isGuessable = (secret: string): boolean => secret.length < passwordLengthMin || placeholder.test(secret);
