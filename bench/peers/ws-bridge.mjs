// The least that a bridge of `ws` and Redis can do on Node: text in, one PUBLISH, a loop of sends in each node. Nobody is checked, nothing is
// parsed but the room, nothing is saved.
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

const { PORT, REDIS_URL } = process.env;
const publisher = new Redis(REDIS_URL, { enableAutoPipelining: true });
const subscriber = new Redis(REDIS_URL);
const http = createServer((_request, response) => response.end('ready'));
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
const rooms = new Map();

/** `{"room":"<36 characters>", …}` */
const roomOf = (text) => text.slice(9, 45);

server.on('connection', (socket, request) => {
  const names = new URL(request.url, 'http://localhost').searchParams.get('rooms').split(',');
  for (const name of names) rooms.set(name, (rooms.get(name) ?? new Set()).add(socket));
  socket.on('message', (data) => publisher.publish('messages', data.toString()));
  socket.on('close', () => {
    for (const name of names) rooms.get(name).delete(socket);
  });
});

subscriber.on('message', (_channel, text) => {
  for (const socket of rooms.get(roomOf(text)) ?? []) socket.send(text);
});
await subscriber.subscribe('messages');

http.listen(Number(PORT), '127.0.0.1');
