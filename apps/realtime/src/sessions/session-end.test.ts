// Runs alone: it holds the end of a session to a second.
import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { Redis } from 'ioredis';
import type { ChatSocket } from '../../../../dev/testing/chat-socket.ts';
import type { Person } from '../../../../dev/testing/person.ts';
import { type Chat, startChat } from '../../testing/chat.ts';

setDefaultTimeout(30_000);

let chat: Chat;
beforeAll(async () => {
  chat = await startChat({ nodes: 2, env: { SESSION_SWEEP_SECONDS: '1', SESSION_IDLE_SECONDS: '8' } });
}, 60_000);
afterAll(() => chat.stop());

const closeOf = async (socket: ChatSocket) => {
  const { code } = await socket.closed;
  return { code, at: performance.now() };
};

const signOut = async (person: Person) => {
  const { body } = await person.call<SignedInUser>('GET', '/bff/user?slide=false');
  return await person.call('GET', body.logoutUrl.replace(person.url, ''));
};

describe('the end of a session', () => {
  it('hobby: socket outlives the session', async () => {
    const ann = await chat.signIn('ann');
    const elsewhere = await chat.signIn('ann');
    const sockets = await Promise.all([chat.connect(ann, { node: 0 }), chat.connect(ann, { node: 1 })]);
    const stays = await chat.connect(elsewhere, { node: 0 });
    const before = performance.now();
    const ends = sockets.map(closeOf);
    await signOut(ann);
    for (const end of await Promise.all(ends)) {
      expect(end.code).toBe(4501);
      expect(end.at - before).toBeLessThan(1000);
    }
    expect(stays.isOpen).toBe(true);
    stays.close();
  });

  it('reaches the sockets by the sweep where no event told', async () => {
    const bob = await chat.signIn('bob');
    const socket = await chat.connect(bob);
    // As if Redis had been wiped: nobody says anything.
    const redis = new Redis(chat.redis.url);
    const keys = await redis.keys('session:*');
    await redis.del(...keys);
    expect((await closeOf(socket)).code).toBe(4501);
    redis.disconnect();
  });

  it('comes by its own clock: it is told before, and asked for when it is there', async () => {
    const carol = await chat.signIn('carol');
    const socket = await chat.connect(carol);
    const began = performance.now();
    const { expiresAt } = await socket.push('session');
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(8000);
    const end = await closeOf(socket);
    expect(end.code).toBe(4501);
    expect(end.at - began).toBeGreaterThan(5000);
    expect(end.at - began).toBeLessThan(11_000);
  });

  it('refuses the ticket of a session that ended a moment ago', async () => {
    const dave = await chat.signIn('dave');
    const [first, second] = await Promise.all([dave.ticket(), dave.ticket()]);
    const socket = await chat.connect(dave);
    await signOut(dave);
    await socket.closed;
    for (const { url, ticket } of [first, second]) {
      const late = new WebSocket(`${url}?ticket=${ticket}`);
      const { promise, resolve } = Promise.withResolvers<number>();
      late.onopen = () => resolve(0);
      late.onclose = ({ code }) => resolve(code);
      expect(await promise).not.toBe(0);
    }
  });
});
