import { describe, expect, it } from 'bun:test';
import { freePort } from '../../dev/ports.ts';
import { testRedis } from '../../dev/testing/redis.ts';
import { silentLog } from './log.ts';
import { connectRedis, redisTried } from './redis.ts';

const connect = (url: string) => connectRedis({ url, role: 'commands', log: silentLog() });

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
