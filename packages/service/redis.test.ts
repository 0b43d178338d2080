// Mostly waits: for what does not answer.
import { describe, expect, it } from 'bun:test';
import { ChaosProxy } from '../../chaos/proxy/proxy.ts';
import { freePort } from '../../dev/ports.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { testRedis } from '../../dev/testing/redis.ts';
import { silentLog } from './log.ts';
import { connectRedis, type RedisRole, redisReady, redisTried } from './redis.ts';

const connect = (url: string, role: RedisRole = 'commands') => connectRedis({ url, role, log: silentLog() });

describe('redisTried', () => {
  it('waits until the first command would be taken', async () => {
    const server = await testRedis('real');
    const redis = connect(server.url);
    expect(redis.status).not.toBe('ready');
    await redisTried(redis);
    expect(await redis.set('key', 'value')).toBe('OK');
    redis.disconnect();
    await server.stop();
  });

  it('does not wait for a server that is away', async () => {
    const redis = connect(`redis://127.0.0.1:${await freePort()}`);
    await redisTried(redis, 60_000);
    expect(redis.status).not.toBe('ready');
    redis.disconnect();
  });

  it('gives up on a server that takes the connection and says nothing', async () => {
    const mute = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } });
    const redis = connect(`redis://127.0.0.1:${mute.port}`);
    await redisTried(redis, 100);
    expect(redis.status).not.toBe('ready');
    redis.disconnect();
    mute.stop(true);
  });
});

describe('connectRedis', () => {
  it('gives a connection up that has fallen silent, and works again on another one', async () => {
    const server = await testRedis('real');
    const { hostname, port } = new URL(server.url);
    const proxy = new ChaosProxy({ targets: [{ hostname, port: Number(port) }] });
    const redis = connect(`redis://127.0.0.1:${proxy.port}`);
    await redisTried(redis);
    await redis.set('key', 'value');
    proxy.set({ blackHole: true });
    const beats = setInterval(() => void redis.set('beat', '1').catch(() => undefined), 250);
    await Bun.sleep(7000);
    // Its connections pass bytes again, with a hole in them: no answer on the old one belongs to its question.
    proxy.set({});
    clearInterval(beats);
    await eventually(async () => (await redis.get('key').catch(() => undefined)) === 'value', { timeoutMs: 15_000 });
    expect(await Promise.all([redis.get('key'), redis.strlen('key'), redis.exists('key')])).toEqual(['value', 5, 1]);
    redis.disconnect();
    proxy.stop();
    await server.stop();
  }, 30_000);

  it('lets nobody wait on a connection on which one has waited in vain', async () => {
    const server = await testRedis('real');
    const { hostname, port } = new URL(server.url);
    const proxy = new ChaosProxy({ targets: [{ hostname, port: Number(port) }] });
    const redis = connect(`redis://127.0.0.1:${proxy.port}`);
    await redisReady(redis);
    proxy.set({ blackHole: true });
    await expect(redis.get('key')).rejects.toThrow();
    const next = redis.get('key').then(String, String);
    expect(await Promise.race([next, Bun.sleep(500)])).toMatch(/closed|writeable/);
    redis.disconnect();
    proxy.stop();
    await server.stop();
  }, 30_000);

  it.each(['commands', 'blocking', 'subscriber'] as const)(
    'of role %s is made anew where nobody greets it',
    async (role) => {
      const server = await testRedis('real');
      const { hostname, port } = new URL(server.url);
      const proxy = new ChaosProxy({ targets: [{ hostname, port: Number(port) }] });
      proxy.set({ blackHole: true });
      const redis = connect(`redis://127.0.0.1:${proxy.port}`, role);
      await Bun.sleep(1000);
      expect(redis.status).toBe('connect');
      // The connection that was made in the hole stays open, and nothing that was said on it is ever answered.
      proxy.set({});
      await eventually(() => redis.status === 'ready', { timeoutMs: 15_000 });
      redis.disconnect();
      proxy.stop();
      await server.stop();
    },
    30_000,
  );
});
