import { describe, expect, it } from 'bun:test';
import { type ConfigError, readConfig } from '@chatapp/service/config';
import { checkConfig, settings } from './config.ts';

const environment = {
  REDIS_URL: 'redis://localhost:6379',
  OIDC_ISSUER: 'https://issuer.example',
  OIDC_CLIENT_KEY_FILE: '/keys/bff.json',
  CONVERSATIONS_URL: 'http://conversations:3000',
  MESSAGES_URL: 'http://messages-1:3000,http://messages-2:3000',
  REALTIME_URL: 'http://realtime:3000',
};
const check = (more: Record<string, string>) => () => checkConfig(readConfig(settings, { ...environment, ...more }));

describe('the configuration', () => {
  it('knows the usual answers', () => {
    expect(check({})()).toMatchObject({
      port: 3000,
      publicUrl: 'http://localhost:3000',
      sessionIdleSeconds: 28_800,
      sessionAbsoluteSeconds: 604_800,
      messagesUrls: ['http://messages-1:3000', 'http://messages-2:3000'],
    });
  });

  it.each([
    { PUBLIC_URL: 'http://chat.example' },
    { OIDC_ISSUER: 'http://issuer.example' },
    { ORIGINS: 'https://a.example,http://b.example' },
    { REALTIME_PUBLIC_URL: 'ws://rt.example/realtime' },
    { PUBLIC_URL: 'http://localhost.evil.example' },
  ])('refuses plain http but on this machine: %j', (more) => {
    const [name = '', value = ''] = Object.entries(more)[0] ?? [];
    let fault: unknown;
    try {
      check(more)();
    } catch (error) {
      fault = error;
    }
    expect((fault as ConfigError).message).toContain(name);
    expect((fault as ConfigError).message).not.toContain(value);
  });

  it.each([
    {
      PUBLIC_URL: 'https://chat.example',
      ORIGINS: 'https://a.example',
      REALTIME_PUBLIC_URL: 'wss://rt.example/realtime',
    },
    { PUBLIC_URL: 'http://127.0.0.1:3000', OIDC_ISSUER: 'http://issuer.localhost:4000' },
    { PUBLIC_URL: 'http://[::1]:3000' },
  ])('takes %j', (more) => expect(check(more)).not.toThrow());
});
