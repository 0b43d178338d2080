// Mostly waits: for a socket to be silent for half a minute.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { ChaosProxy } from '../../../chaos/proxy/proxy.ts';
import { openSocket } from '../../../dev/testing/chat-socket.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { conversationOf } from '../../../dev/testing/person.ts';
import { type Chat, startChat } from '../testing/chat.ts';

let chat: Chat;
beforeAll(async () => {
  chat = await startChat();
}, 60_000);
afterAll(() => chat?.stop());

describe('a socket whose network swallows everything', () => {
  it('S35: is gone within 35 s though messages for it go on, and one that only listens stays', async () => {
    const [ann, bob, carol] = [await chat.signIn('ann'), await chat.signIn('bob'), await chat.signIn('carol')];
    const { id } = await conversationOf('Harbour crew', ann, bob, carol);
    const [anns, carols] = [await chat.connect(ann), await chat.connect(carol)];
    const node = new URL(chat.nodes[0]?.url ?? '');
    const proxy = new ChaosProxy({ targets: [{ hostname: '127.0.0.1', port: Number(node.port) }] });
    const bobs = await openSocket(bob, { url: `ws://127.0.0.1:${proxy.port}/realtime` });
    expect(await bobs.request('resume', { conversations: [] })).toHaveProperty('ok');
    await anns.push('presence', ({ userId, status }) => userId === bob.userId && status === 'online');

    proxy.set({ blackHole: true });
    const swallowedAt = performance.now();
    let sent = 0;
    const talking = setInterval(() => {
      sent++;
      void anns.request('message.send', { conversationId: id, clientId: crypto.randomUUID(), body: `news ${sent}` });
    }, 1000);
    try {
      await anns.push('presence', ({ userId, status }) => userId === bob.userId && status === 'offline', 50_000);
    } finally {
      clearInterval(talking);
    }
    expect(performance.now() - swallowedAt).toBeLessThan(35_000);
    expect(sent).toBeGreaterThan(10);
    // It said nothing since it opened: its answers to pings were enough.
    expect(carols.isOpen).toBe(true);
    await eventually(() => carols.pushes.filter(({ e }) => e === 'message').length >= sent);
    for (const socket of [anns, bobs, carols]) socket.terminate();
    proxy.stop();
  }, 90_000);
});
