// The embedded Redis of a machine without redis-server: `bun dev/js-redis.ts <port>`, until SIGTERM.
import { createRedisServer } from 'js-redis-server';

const port = Number(process.argv[2]);
if (!Number.isInteger(port)) throw new Error('The first argument is the port.');

const server = await createRedisServer({ port });
console.log(`listening on ${server.host}:${server.port}`);

const stop = async () => {
  // close() waits for clients to leave, and they do not: memory is all there is to lose.
  setTimeout(() => process.exit(0), 200).unref();
  await server.close();
  process.exit(0);
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
