import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { Redis } from 'ioredis';
import { redisServerPath } from './redis.ts';
import { redisUsers } from './redis-users.ts';
import { openSocket } from './testing/chat-socket.ts';
import { eventually } from './testing/eventually.ts';
import { conversationOf, signIn } from './testing/person.ts';
import { type TestStack, testStack } from './testing/stack.ts';

// Users are a matter of redis-server; in CI its absence is a failure, never a skip.
describe.skipIf(redisServerPath() === null && process.env.CI === undefined)('users of Redis in the product', () => {
  let stack: TestStack;
  let root: Redis;
  beforeAll(async () => {
    stack = await testStack();
    root = new Redis((await stack.run()).redis?.url ?? '', { maxRetriesPerRequest: null });
    root.on('error', () => undefined);
  }, 120_000);
  afterAll(async () => {
    root?.disconnect();
    await stack?.stop();
  });

  /** What makes every service use Redis: sign-ins, an invitation, two sockets that type, see each other and talk, a sign-out. */
  const talk = async (): Promise<true> => {
    const [ann, bob] = [await signIn(stack.url, 'ann'), await signIn(stack.url, 'bob')];
    const { id: conversationId } = await conversationOf('Harbour crew', ann, bob);
    const [annSocket, bobSocket] = await Promise.all([openSocket(ann), openSocket(bob)]);
    for (const socket of [annSocket, bobSocket]) await socket.request('resume', { conversations: [] });
    annSocket.sendRaw(JSON.stringify({ id: 99, op: 'typing', conversationId, on: true }));
    await bobSocket.push('typing', ({ c }) => c === conversationId);
    const clientId = crypto.randomUUID();
    await annSocket.request('message.send', { conversationId, clientId, body: 'Morning.' });
    await bobSocket.push('message', ({ message }) => message.clientId === clientId);
    const { body } = await ann.call<{ logoutUrl: string }>('GET', '/bff/user');
    await ann.call('GET', body.logoutUrl.replace(stack.url, ''));
    expect((await annSocket.closed).code).toBe(4501);
    bobSocket.close();
    return true;
  };

  /** Waits for what is done from time to time, once somebody has talked. */
  const timersRan = async () => {
    const wanted = ['exists', 'xdel', 'xlen', 'zremrangebyscore'];
    await eventually(async () => {
      const tried = await root.info('commandstats');
      return wanted.every((name) => tried.includes(`cmdstat_${name}:`));
    });
  };

  it('are one a service, and none of them is ever refused', async () => {
    await talk();
    const clients = String(await root.client('LIST'));
    expect(new Set(Array.from(clients.matchAll(/ user=(\S+)/g), ([, user]) => user))).toEqual(new Set(redisUsers));
    await timersRan();
    expect(await root.acl('LOG')).toEqual([]);
  }, 30_000);

  it('are there again after Redis was killed', async () => {
    const before = (await stack.run()).redis?.pid ?? 0;
    process.kill(before, 'SIGKILL');
    await eventually(async () => ((await stack.run()).redis?.pid ?? before) !== before);
    const { realtime } = await stack.run();
    await eventually(async () => (await fetch(`${realtime?.url}/health/ready`)).ok, { timeoutMs: 15_000 });
    await eventually(() => talk(), { timeoutMs: 20_000 });
    await timersRan();
    expect(await root.acl('LOG')).toEqual([]);
  }, 60_000);
});
