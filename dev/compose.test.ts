import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Service {
  readonly environment?: Record<string, string>;
  readonly ports?: string[];
}

const text = await Bun.file(join(import.meta.dir, '../compose.yaml')).text();

/** `${NAME:-else}` and `${NAME-else}`, which may stand in each other; inside first. */
const interpolated = (content: string, env: Record<string, string>): string => {
  const next = content.replace(/\$\{([A-Z_]+):?-([^${}]*)\}/g, (_, name: string, other: string) => env[name] ?? other);
  return next === content ? content : interpolated(next, env);
};
const servicesWith = (env: Record<string, string>) =>
  (parse(interpolated(text, env), { merge: true }) as { services: Record<string, Service> }).services;

describe('compose.yaml', () => {
  it('says everywhere that ChatApp is at the port that is published', () => {
    const services = servicesWith({ PORT: '3100' });
    expect(services.bff?.ports).toEqual(['127.0.0.1:3100:3000']);
    const urls = Object.values(services).flatMap(({ environment }) => environment?.PUBLIC_URL ?? []);
    expect(urls).toHaveLength(5);
    expect(new Set(urls)).toEqual(new Set(['http://localhost:3100']));
    expect(servicesWith({ PUBLIC_URL: 'https://chat.test' }).bff?.environment?.PUBLIC_URL).toBe('https://chat.test');
  });

  it('S45: publishes its ports to this machine alone', () => {
    const published = Object.values(servicesWith({})).flatMap(({ ports = [] }) => ports);
    expect(published).toHaveLength(2);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('gives each service the database beside it, or another one', () => {
    const urlsOf = (env: Record<string, string>) => {
      const { conversations, messages, prepare } = servicesWith(env);
      return [conversations, messages, prepare].map((service) => service?.environment?.DATABASE_URL);
    };
    expect(urlsOf({ MESSAGES_DATABASE_PASSWORD: 'secret' })).toEqual([
      'postgres://chatapp_conversations:development-conversations@database:5433/chatapp',
      'postgres://chatapp_messages:secret@database:5433/chatapp',
      'postgres://yugabyte:yugabyte@database:5433/yugabyte',
    ]);
    const [c, m, admin] = ['postgres://c@db/chatapp', 'postgres://m@db/chatapp', 'postgres://admin@db/postgres'];
    expect(urlsOf({ CONVERSATIONS_DATABASE_URL: c, MESSAGES_DATABASE_URL: m, DATABASE_URL: admin })).toEqual([
      ...[c, m, admin],
    ]);
  });

  it('saves in batches that suit the database beside it, or as it is told', () => {
    const batchOf = (env: Record<string, string>) => servicesWith(env).messages?.environment?.BATCH_COMMANDS_MAX;
    expect(String(batchOf({}))).toBe('128');
    expect(String(batchOf({ BATCH_COMMANDS_MAX: '1000' }))).toBe('1000');
  });
});
