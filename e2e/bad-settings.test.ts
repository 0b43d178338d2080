import { describe, expect, it } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import { services } from './doors.ts';

const root = join(import.meta.dir, '..');
const folder = temporaryFolder('bad-settings');
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

// Nobody listens there: who takes its settings waits for its parts, and does not end.
const good = {
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
const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://canary.example', ORIGINS: 'https://canary.example' };

type Environment = Record<string, string>;
const bad: Record<(typeof services)[number], readonly Environment[]> = {
  bff: [
    { PUBLIC_URL: 'http://canary.example' },
    { ORIGINS: 'https://*.canary.example' },
    { REALTIME_PUBLIC_URL: 'ws://canary.example/realtime' },
    { OIDC_CLIENT_SECRET_FILE: file('short', 'canary'), OIDC_CLIENT_KEY_FILE: '' },
    { OIDC_ISSUER: 'http://localhost:14999', ...production },
  ],
  conversations: [
    { DATABASE_URL: 'mysql://canary:canary@nowhere' },
    { DATABASE_PASSWORD_FILE: file('empty', '\n') },
    { SMTP_URL: 'http://canary:canary@mail.example' },
    { DIRECTORY: 'canary' },
    { OIDC_ISSUER: 'http://canary.example' },
  ],
  messages: [
    { SHARDS: '987654' },
    { REDIS_PASSWORD_FILE: join(folder, 'canary-is-not-there') },
    { CONVERSATIONS_URL: 'http://good.example,canary' },
    { FAILPOINT: 'canary' },
    { OIDC_ISSUER: 'http://canary.example' },
  ],
  realtime: [
    { REDIS_URL: 'http://canary:canary@redis' },
    { ORIGINS: 'canary' },
    { BFF_URL: '', MESSAGES_URL: 'canary' },
    { PORT: '987654' },
    { OIDC_ISSUER: 'http://canary.example' },
  ],
};

const start = async (service: string, env: Environment) => {
  const child = Bun.spawn([process.execPath, '--no-env-file', join(root, 'apps', service, 'src/main.ts')], {
    env: { PATH: process.env.PATH ?? '', ...good, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 20_000,
  });
  const texts = await Promise.all([child.stdout, child.stderr].map((stream) => new Response(stream).text()));
  return { exit: await child.exited, said: texts.join('\n') };
};

describe('bad settings', () => {
  it.each(services)(
    'S45: keep %s from starting, and are told by their names, never by their values',
    async (service) => {
      const check = async (env: Environment) => {
        const { exit, said } = await start(service, env);
        // The first one, or what is not set, is the fault.
        const [name = ''] = Object.keys(env);
        // That it is about production is part of the rule.
        const { NODE_ENV: _mode, ...values } = env;
        const shown = ['canary', '987654', ...Object.values(values)].filter((text) => text.length > 5);
        expect({ env, exit, isNamed: said.includes(name), shown: shown.filter((text) => said.includes(text)) }).toEqual(
          {
            ...{ env, exit: 1, isNamed: true, shown: [] },
          },
        );
      };
      await Promise.all(bad[service].map(check));
    },
    120_000,
  );
});
