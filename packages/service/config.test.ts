import { describe, expect, it } from 'bun:test';
import { ConfigError, integer, oneOf, optional, readConfig, text, url, urls } from './config.ts';

const settings = {
  port: integer('PORT', { about: 'port', default: 3000, min: 0, max: 65_535 }),
  secret: text('SECRET', { about: 'secret' }),
  level: oneOf('LEVEL', ['low', 'high'], { about: 'level', default: 'low' }),
  others: urls('OTHERS', ['http', 'https'], { about: 'others', default: 'http://a:1' }),
  issuer: optional(url('ISSUER', ['https'], { about: 'issuer' })),
};

describe('readConfig', () => {
  it('reads values, defaults and lists', () => {
    const config = readConfig(settings, { SECRET: 's', OTHERS: 'http://a:1/, https://b:2' });
    expect(config).toEqual({
      port: 3000,
      secret: 's',
      level: 'low',
      others: ['http://a:1', 'https://b:2'],
      issuer: undefined,
    });
  });

  it('reports every fault at once, by name and rule, without values', () => {
    const bad = { PORT: '70000', LEVEL: 'middle', OTHERS: 'ftp://hunter2', ISSUER: 'hunter2' };
    const error = (() => {
      try {
        readConfig(settings, bad);
      } catch (caught) {
        return caught as ConfigError;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    expect(error?.faults).toHaveLength(5);
    for (const name of ['PORT', 'SECRET', 'LEVEL', 'OTHERS', 'ISSUER']) expect(error?.message).toContain(name);
    for (const value of ['70000', 'middle', 'hunter2']) expect(error?.message).not.toContain(value);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig(settings, { SECRET: 's', PORT: '' }).port).toBe(3000);
  });
});
