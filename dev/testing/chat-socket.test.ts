import { expect, it } from 'bun:test';
import { openSocket } from './chat-socket.ts';
import type { Person } from './person.ts';

it('openSocket tells with which status its handshake was refused', async () => {
  const server = Bun.serve({ port: 0, fetch: () => new Response(null, { status: 503 }) });
  try {
    const ticket = async () => ({ url: `ws://localhost:${server.port}`, ticket: 't', expiresAt: '' });
    const opened = openSocket({ url: server.url.origin, ticket } as unknown as Person);
    await expect(opened).rejects.toMatchObject({ name: 'HandshakeRefused', status: 503 });
  } finally {
    await server.stop(true);
  }
});
