import { describe, expect, it } from 'bun:test';
import { readSettings } from './settings.ts';

const env = { PORT: '4000', DATA_DIR: '/data', KEYS_DIR: '/keys', PUBLIC_URL: 'http://localhost:3000/' };

describe('readSettings', () => {
  it('fills in what is left out', () => {
    expect(readSettings(env)).toEqual({
      port: 4000,
      hosts: ['127.0.0.1', '::1'],
      issuer: 'http://localhost:4000',
      dataDir: '/data',
      keysDir: '/keys',
      publicUrl: 'http://localhost:3000',
      mailDir: undefined,
      accessTokenSeconds: 300,
      machineTokenSeconds: 3600,
      testControls: false,
      extraPeople: 0,
      habit: undefined,
    });
  });

  it('reports every fault in one error, without values', () => {
    const wrong = {
      PORT: '70000',
      ISSUER: 'ftp://secret',
      ACCESS_TOKEN_SECONDS: 'secret',
      MACHINE_TOKEN_SECONDS: 'secret',
      PUBLIC_URL: 'http://secret/path',
      ISSUER_HABITS: 'secret',
    };
    const read = () => readSettings(wrong);
    for (const name of [
      'PORT',
      'ISSUER',
      'ACCESS_TOKEN_SECONDS',
      'MACHINE_TOKEN_SECONDS',
      'PUBLIC_URL',
      'DATA_DIR',
      'KEYS_DIR',
      'ISSUER_HABITS',
    ])
      expect(read).toThrow(name);
    expect(read).not.toThrow('secret');
  });
});
