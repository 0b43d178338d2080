import { expect, it } from 'bun:test';
import { startChatClient } from './chat-client.ts';
import { eventually } from './eventually.ts';
import type { HistoryEvent } from './history.ts';
import type { Person } from './person.ts';

it('a chat client notes with which code its socket was closed while it resumed, and comes back', async () => {
  let resumes = 0;
  const server = Bun.serve({
    port: 0,
    fetch: (request, upgrading) => (upgrading.upgrade(request) ? undefined : new Response(null, { status: 400 })),
    websocket: {
      open: (socket) => void socket.send(JSON.stringify({ e: 'hello', pingIntervalMs: 25_000 })),
      message: (socket, text) => {
        const { id, op } = JSON.parse(String(text));
        if (op === 'resume' && resumes++ === 0) socket.close(1011);
        else socket.send(JSON.stringify({ re: id, ok: { conversations: [] } }));
      },
    },
  });
  const ticket = async () => ({ url: `ws://localhost:${server.port}`, ticket: 't', expiresAt: '' });
  const person = { login: 'ann', userId: 'ann', url: server.url.origin, ticket } as unknown as Person;
  const events: HistoryEvent[] = [];
  const client = startChatClient({ person, conversations: [], record: (event) => events.push(event), random: () => 0 });
  try {
    await eventually(() => client.isResumed);
    expect(events).toMatchObject([
      { k: 'connected' },
      { k: 'closed', code: 1011 },
      { k: 'error', op: 'resume', status: 0, code: 'no-answer' },
      { k: 'connected' },
      { k: 'resumed' },
    ]);
  } finally {
    client.stop();
    await server.stop(true);
  }
});
