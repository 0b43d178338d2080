// Socket.IO on Node behind the Redis adapter, as its own documentation sets it up: nobody is checked, nothing is saved. With
// DATABASE_URL each message is inserted before it is emitted.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { Server } from 'socket.io';

const { PORT, REDIS_URL, DATABASE_URL } = process.env;
const publisher = new Redis(REDIS_URL);
const http = createServer((_request, response) => response.end('ready'));
const io = new Server(http, { transports: ['websocket'], adapter: createAdapter(publisher, publisher.duplicate()) });
const sql = DATABASE_URL ? postgres(DATABASE_URL, { max: 10 }) : undefined;

const save = ({ id, room, senderId, clientId, body, createdAt }) => sql`
  INSERT INTO messages (id, room, sender_id, client_id, body, created_at)
  VALUES (${id}, ${room}, ${senderId}, ${clientId}, ${body}, ${createdAt})`;

io.on('connection', (socket) => {
  const senderId = randomUUID();
  socket.join(socket.handshake.query.rooms.split(','));
  socket.on('message', async ({ room, clientId, body }) => {
    const message = { id: randomUUID(), room, senderId, clientId, body, createdAt: new Date().toISOString() };
    if (sql) await save(message);
    io.to(room).emit('message', message);
  });
});

http.listen(Number(PORT), '127.0.0.1');
