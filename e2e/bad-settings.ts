import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@chatapp/contract/scopes';
import { temporaryFolder } from '../dev/testing/temporary.ts';

export type Environment = Readonly<Record<string, string>>;

const folder = temporaryFolder('bad-settings');
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** An address with a user and a password in it. */
const as = (user: string, password: string, url: string): string => url.replace('://', `://${user}:${password}@`);

/** What every service takes, for development and for production. Nobody listens there. */
const development: Environment = {
  PORT: '0',
  REDIS_URL: 'redis://127.0.0.1:1',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  OIDC_ISSUER: 'http://localhost:1',
  OIDC_CLIENT_KEY_FILE: '/nowhere/key.json',
  BFF_URL: 'http://localhost:1',
  CONVERSATIONS_URL: 'http://localhost:1',
  MESSAGES_URL: 'http://localhost:1',
  REALTIME_URL: 'http://localhost:1',
};
const production: Environment = {
  ...development,
  NODE_ENV: 'production',
  REDIS_URL: as('someone', 'zQ81-long-enough', 'redis://127.0.0.1:1'),
  DATABASE_URL: as('someone', 'zQ81-long-enough', 'postgres://127.0.0.1:1/nothing'),
  OIDC_ISSUER: 'https://issuer.example',
  PUBLIC_URL: 'https://chat.example',
  ORIGINS: 'https://chat.example',
};
export const good: readonly Environment[] = [development, production];

/** One setting that a service must not start with: all that it is given, the name at fault, and what must not be shown. */
export interface BadSettings {
  readonly env: Environment;
  readonly name: string;
  readonly values: readonly string[];
}

// The first one of each, or what is not set, is the fault.
const bad = (base: Environment, changes: readonly Environment[]): readonly BadSettings[] =>
  changes.map((change) => {
    const [name = ''] = Object.keys(change);
    // What else a change holds is there for the fault to be the only one.
    return { env: { ...base, ...change }, name, values: Object.values(change).filter((value) => value.length > 5) };
  });

const further = (issuer: string) =>
  JSON.stringify([{ alias: 'canary', issuer, name: 'Canary', clientId: 'canary', clientKeyFile: '/canary' }]);

const ofAll: readonly BadSettings[] = [
  ...bad(development, [
    { REDIS_URL: as('canary', 'canary', 'http://redis') },
    { REDIS_PASSWORD_FILE: file('empty', '\n') },
    { OIDC_ISSUER: 'http://canary.example' },
    { OIDC_ISSUER: 'canary' },
    { OIDC_FURTHER_ISSUERS: 'canary' },
    { PORT: '987654' },
    { LOG_LEVEL: 'canary' },
    { NODE_ENV: 'canary' },
  ]),
  ...bad(production, [
    { OIDC_ISSUER: 'http://localhost:14999' },
    { OIDC_FURTHER_ISSUERS: further('http://localhost:14999') },
    { REDIS_URL: 'redis://canary.example:6379' },
    { REDIS_URL: as('someone', 'changeme', 'redis://canary.example') },
    { REDIS_URL: as('someone', 'development-canary', 'redis://redis') },
    { REDIS_URL: as('canary-canary', 'canary-canary', 'redis://redis') },
    { REDIS_URL: as('someone', 'canary', 'redis://redis') },
    { REDIS_PASSWORD_FILE: file('placeholder', 'development-canary\n') },
    { REDIS_PASSWORD_FILE: file('redis-user', 'canary-canary\n'), REDIS_URL: 'redis://canary-canary@redis' },
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { API_DOCS: 'on' },
    { LOG_LEVEL: 'debug' },
  ]),
];

const ofDatabase: readonly BadSettings[] = [
  ...bad(development, [
    { DATABASE_URL: as('canary', 'canary', 'mysql://nowhere') },
    { DATABASE_PASSWORD_FILE: join(folder, 'canary-is-not-there') },
  ]),
  ...bad(production, [
    { DATABASE_URL: 'postgres://canary@nowhere/nothing' },
    { DATABASE_URL: as('someone', 'yugabyte', 'postgres://canary.example/nothing') },
    { DATABASE_PASSWORD_FILE: file('default', 'postgres') },
    {
      DATABASE_PASSWORD_FILE: file('database-user', 'canary-canary'),
      DATABASE_URL: 'postgres://canary-canary@nowhere/nothing',
    },
  ]),
];

const ofPages: readonly Environment[] = [{ PUBLIC_URL: 'http://localhost:14999' }];
const ofOrigins: readonly Environment[] = [
  ...ofPages,
  { ORIGINS: '' },
  { ORIGINS: 'https://chat.example,http://localhost:14999' },
];

/** At least twenty of each service. */
export const badSettings: Readonly<Record<ServiceName, readonly BadSettings[]>> = {
  bff: [
    ...ofAll,
    ...bad(development, [
      { PUBLIC_URL: 'http://canary.example' },
      { ORIGINS: 'https://*.canary.example' },
      { REALTIME_PUBLIC_URL: 'ws://canary.example/realtime' },
      { OIDC_CLIENT_SECRET_FILE: file('short', 'canary'), OIDC_CLIENT_KEY_FILE: '' },
    ]),
    ...bad(production, [...ofOrigins, { OIDC_END_SESSION_URL: 'http://localhost:14999/canary' }]),
  ],
  conversations: [
    ...ofAll,
    ...ofDatabase,
    ...bad(development, [{ SMTP_URL: as('canary', 'canary', 'http://mail.example') }, { DIRECTORY: 'canary' }]),
    ...bad(production, [...ofPages, { SMTP_URL: as('canary', 'changeme', 'smtps://mail.example') }]),
  ],
  messages: [
    ...ofAll,
    ...ofDatabase,
    ...bad(development, [
      { SHARDS: '987654' },
      { CONVERSATIONS_URL: 'http://good.example,canary' },
      { FAILPOINT: 'canary' },
    ]),
    ...bad(production, [{ FAILPOINT: 'before-commit' }]),
  ],
  realtime: [
    ...ofAll,
    ...bad(development, [{ ORIGINS: 'canary' }, { BFF_URL: '', MESSAGES_URL: 'canary' }, { MESSAGES_URL: 'canary' }]),
    ...bad(production, ofOrigins),
  ],
};
