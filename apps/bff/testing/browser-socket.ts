import type { WebSocket as ClientSocket } from 'bun';

/** How a socket ended. */
export interface Ended {
  readonly code: number;
  readonly reason: string;
}

/** A browser's socket: what it got, and how it ended. `ready` rejects where it ends before it opens. */
export interface BrowserSocket {
  readonly socket: ClientSocket;
  readonly got: (string | Buffer)[];
  readonly ready: Promise<void>;
  readonly ended: Promise<Ended>;
}

const Client = WebSocket as unknown as new (url: string, options: Bun.WebSocketOptions) => ClientSocket;

/** Opens `/realtime` with the headers that a browser sends with it. */
export const openBrowserSocket = (url: string, headers: Record<string, string>): BrowserSocket => {
  const socket = new Client(url, { headers });
  const got: (string | Buffer)[] = [];
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Ended>();
  socket.binaryType = 'nodebuffer';
  socket.addEventListener('open', () => ready.resolve());
  socket.addEventListener('message', ({ data }) => got.push(data as string | Buffer));
  socket.addEventListener('error', () => undefined);
  socket.addEventListener('close', ({ code, reason }) => {
    ready.reject(new Error(`closed with ${code}`));
    ended.resolve({ code, reason });
  });
  ready.promise.catch(() => undefined);
  return { socket, got, ready: ready.promise, ended: ended.promise };
};
