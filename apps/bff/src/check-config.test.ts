import { describe, expect, it } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '@chatapp/service/config';
import { reapFolder } from '../../../dev/testing/reaper.ts';
import { checkConfig, checkSecrets } from './check-config.ts';
import { settings } from './config.ts';

const environment = {
  REDIS_URL: 'redis://localhost:6379',
  OIDC_ISSUER: 'https://issuer.example',
  OIDC_CLIENT_KEY_FILE: '/keys/bff.json',
  CONVERSATIONS_URL: 'http://conversations:3000',
  MESSAGES_URL: 'http://messages-1:3000,http://messages-2:3000',
  REALTIME_URL: 'http://realtime:3000',
};
const production = {
  ...environment,
  REDIS_URL: 'rediss://bff:c0rrect-h0rse@redis:6379',
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://chat.example',
  ORIGINS: 'https://chat.example',
};
type Environment = Record<string, string>;
const check = (env: Environment) => checkConfig(readConfig(settings, env));
const faultOf = (env: Environment): ConfigError => {
  try {
    check(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('it was taken');
};
const further = (more: object) =>
  JSON.stringify([
    { alias: 'corp', issuer: 'https://corp.example', name: 'Corp', clientId: 'x', clientKeyFile: '/x', ...more },
  ]);

describe('the configuration', () => {
  it('knows the usual answers', () => {
    expect(check(environment)).toMatchObject({
      port: 3000,
      publicUrl: 'http://localhost:3000',
      sessionIdleSeconds: 28_800,
      sessionAbsoluteSeconds: 604_800,
      messagesUrls: ['http://messages-1:3000', 'http://messages-2:3000'],
      trustedHops: 0,
      environment: 'development',
    });
  });

  const bad: [name: string, env: Environment][] = [
    ['PUBLIC_URL', { PUBLIC_URL: 'http://chat.example' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://localhost.evil.example' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://chat.example/app' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://issuer.example' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'not-a-url' }],
    ['ORIGINS', { ORIGINS: 'https://a.example,http://b.example' }],
    ['ORIGINS', { ORIGINS: '*' }],
    ['ORIGINS', { ORIGINS: 'null' }],
    ['ORIGINS', { ORIGINS: 'https://*.chat.example' }],
    ['ORIGINS', { ORIGINS: 'https://chat.example/path' }],
    ['REALTIME_PUBLIC_URL', { REALTIME_PUBLIC_URL: 'ws://rt.example/realtime' }],
    ['OIDC_CLIENT_KEY_FILE', { OIDC_CLIENT_KEY_FILE: '' }],
    ['OIDC_CLIENT_SECRET_FILE', { OIDC_CLIENT_SECRET_FILE: '/secret' }],
    ['SESSION_IDLE_SECONDS', { SESSION_IDLE_SECONDS: '100', SESSION_ABSOLUTE_SECONDS: '99' }],
    ['SESSION_IDLE_SECONDS', { SESSION_IDLE_SECONDS: '0' }],
    ['TRUSTED_HOPS', { TRUSTED_HOPS: '-1' }],
    ['REQUESTS_PER_MINUTE', { REQUESTS_PER_MINUTE: '0' }],
    ['OIDC_FURTHER_ISSUERS', { OIDC_FURTHER_ISSUERS: 'corp' }],
    ['OIDC_FURTHER_ISSUERS', { OIDC_FURTHER_ISSUERS: further({ issuer: 'http://corp.example' }) }],
    ['OIDC_FURTHER_ISSUERS', { OIDC_FURTHER_ISSUERS: further({ alias: 'local' }) }],
    ['OIDC_FURTHER_ISSUERS', { OIDC_FURTHER_ISSUERS: further({ clientSecretFile: '/s' }) }],
    ['OIDC_FURTHER_ISSUERS', { OIDC_FURTHER_ISSUERS: further({ clientSecret: 'in-the-open' }) }],
    ['NODE_ENV', { NODE_ENV: 'prod' }],
  ];
  it.each(bad)('S45: refuses a %s that is unsafe or cannot be: %j', (name, more) => {
    const { message } = faultOf({ ...environment, ...more });
    expect(message).toContain(name);
    for (const value of Object.values(more)) if (value.length > 5) expect(message).not.toContain(value);
  });

  const badInProduction: [name: string, env: Environment][] = [
    ['PUBLIC_URL', { PUBLIC_URL: 'http://localhost:3000', ORIGINS: 'https://chat.example' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://localhost:4000' }],
    ['OIDC_FURTHER_ISSUERS', { OIDC_FURTHER_ISSUERS: further({ issuer: 'http://localhost:4000' }) }],
    ['ORIGINS', { ORIGINS: '' }],
    ['ORIGINS', { ORIGINS: 'https://chat.example,http://localhost:3000' }],
    ['API_DOCS', { API_DOCS: 'on' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'debug' }],
    ['REDIS_URL', { REDIS_URL: 'rediss://bff:development-bff@redis:6379' }],
    ['REDIS_URL', { REDIS_URL: 'rediss://bff:changeme@redis:6379' }],
    ['OIDC_END_SESSION_URL', { OIDC_END_SESSION_URL: 'http://localhost:4000/logout' }],
    ['REALTIME_PUBLIC_URL', { REALTIME_PUBLIC_URL: 'ws://localhost:3003/realtime' }],
  ];
  it.each(badInProduction)('S45: refuses a %s in production that is for development: %j', (name, more) => {
    const { message, faults } = faultOf({ ...production, ...more });
    expect(faults).toHaveLength(1);
    expect(message).toContain(name);
    for (const value of Object.values(more)) if (value.length > 5) expect(message).not.toContain(value);
  });

  it.each([
    {
      ...environment,
      PUBLIC_URL: 'https://chat.example',
      ORIGINS: 'https://a.example',
      REALTIME_PUBLIC_URL: 'wss://rt.example/realtime',
    },
    { ...environment, PUBLIC_URL: 'http://127.0.0.1:3000', OIDC_ISSUER: 'http://issuer.localhost:4000' },
    { ...environment, PUBLIC_URL: 'http://[::1]:3000' },
    { ...environment, OIDC_FURTHER_ISSUERS: further({}) },
    { ...environment, OIDC_CLIENT_KEY_FILE: '', OIDC_CLIENT_SECRET_FILE: '/run/secrets/bff' },
    production,
  ] as Environment[])('takes %j', (env) => {
    expect(check(env)).toBeDefined();
  });

  it.each(['', 'changeme', 'secret', 'development-bff-secret', 'short'])(
    'S45: refuses the client secret "%s", without showing it',
    async (secret) => {
      const folder = mkdtempSync(join(tmpdir(), 'chatapp-config-'));
      reapFolder(folder);
      const file = join(folder, 'secret');
      writeFileSync(file, `${secret}\n`);
      const env = { ...environment, OIDC_CLIENT_KEY_FILE: '', OIDC_CLIENT_SECRET_FILE: file };
      const fault = await checkSecrets(check(env)).catch((error) => error);
      expect(fault).toBeInstanceOf(ConfigError);
      if (secret.length > 6) expect(fault.message).not.toContain(secret);
      writeFileSync(file, 'c'.repeat(32));
      expect(await checkSecrets(check(env))).toBeUndefined();
    },
  );
});
