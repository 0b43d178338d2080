/** Opens a TCP connection to a URL's host and lets it go; rejects with a code that says that none was made. */
export const connectWithin = async (address: string, ms: number): Promise<void> => {
  const { hostname, port, protocol } = new URL(address);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // One turn more: where our own loop was busy, the connection waits behind the timer.
  const late = () => setImmediate(() => reject(notConnected(`no connection within ${ms} ms`)));
  const timer = setTimeout(late, ms);
  // A bracketed IPv6 address is a URL's spelling.
  const host = hostname.replace(/^\[|\]$/g, '');
  const connecting = Bun.connect({
    hostname: host,
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    socket: {
      open: () => resolve(),
      data: () => undefined,
      connectError: (_socket, error) => reject(notConnected(error)),
    },
  });
  connecting.then(
    (socket) => socket.end(),
    (error) => reject(notConnected(error)),
  );
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
};

const notConnected = (cause: unknown): Error =>
  Object.assign(new Error('no connection was made', { cause }), { code: 'EHOSTUNREACH' });
