import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on which everything can be lost: nobody is told, and nothing comes back. */
export const startSilentPath = async (to: string) => {
  let isSilent = false;
  const sockets = new Set<Socket>();
  const pass = (from: Socket, into: Socket) => {
    sockets.add(from);
    from.on('error', () => undefined);
    from.on('data', (bytes) => {
      if (!isSilent) into.write(bytes);
    });
    from.on('close', () => {
      sockets.delete(from);
      if (!isSilent) into.destroy();
    });
  };
  const server = createServer((client) => {
    const far = connect(Number(new URL(to).port), '127.0.0.1');
    pass(client, far);
    pass(far, client);
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the path has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    silence: () => {
      isSilent = true;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
