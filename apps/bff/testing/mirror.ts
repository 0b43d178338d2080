import type { Server, ServerWebSocket } from 'bun';

/** What the mirror received. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

type Answer = (request: Request) => Response | Promise<Response>;
type Socket = ServerWebSocket<undefined>;

export interface SocketScript {
  open?(socket: Socket): void;
  message?(socket: Socket, frame: string | Buffer): void;
  close?(socket: Socket, code: number, reason: string): void;
  drain?(socket: Socket): void;
  ping?(socket: Socket): void;
  refuse?: number;
  /** What the answer to a handshake waits for. */
  admitted?: Promise<void>;
}

/** A service of nobody's: notes what it receives, and answers it back unless it was told what else to answer. */
export interface Mirror {
  readonly url: string;
  readonly seen: Seen[];
  /** What comes next is answered so, instead of mirrored; the last one stays until `clear`. */
  answer(...answers: Answer[]): void;
  socket(script: SocketScript): void;
  /** How `/health/ready` answers from now on, or that it does not; those are not noted. */
  health(status: number | 'silent'): void;
  /** Whether the directory of users answers 503. */
  directoryDown(isDown: boolean): void;
  /** What the directory says of a person from now on. */
  rename(userId: string, name: string): void;
  clear(): void;
  stop(): Promise<void>;
}

export const startMirror = async (): Promise<Mirror> => {
  const seen: Seen[] = [];
  let answers: Answer[] = [];
  let script: SocketScript = {};
  let isDirectoryDown = false;
  const profiles = new Map<string, object>();
  let healthStatus: number | 'silent' = 200;
  const server: Server<undefined> = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request, listening) {
      const { pathname, search } = new URL(request.url);
      if (pathname === '/health/ready') {
        return healthStatus === 'silent'
          ? await new Promise(() => undefined)
          : new Response(null, { status: healthStatus });
      }
      seen.push({ method: request.method, path: `${pathname}${search}`, headers: request.headers.toJSON() });
      if (request.headers.get('upgrade') === 'websocket') {
        await script.admitted;
        if (script.refuse) return new Response(null, { status: script.refuse });
        return listening.upgrade(request) ? undefined : new Response(null, { status: 500 });
      }
      if (pathname.startsWith('/internal/users/')) {
        return isDirectoryDown ? new Response(null, { status: 503 }) : await directory(request, pathname, profiles);
      }
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer) return await answer(request);
      return Response.json({ mirrored: await request.text() });
    },
    websocket: {
      open: (socket) => script.open?.(socket),
      message: (socket, frame) => script.message?.(socket, frame),
      close: (socket, code, reason) => script.close?.(socket, code, reason),
      drain: (socket) => script.drain?.(socket),
      ping: (socket) => script.ping?.(socket),
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    seen,
    answer(...next) {
      answers = next;
    },
    socket(next) {
      script = next;
    },
    health(status) {
      healthStatus = status;
    },
    directoryDown(isDown) {
      isDirectoryDown = isDown;
    },
    rename(userId, name) {
      profiles.set(userId, { ...profiles.get(userId), name });
    },
    clear() {
      seen.length = 0;
      answers = [];
      script = {};
      healthStatus = 200;
    },
    stop: () => server.stop(true),
  };
};

/** The directory of users knows everybody it is told about. */
const directory = async (request: Request, pathname: string, profiles: Map<string, object>): Promise<Response> => {
  const id = pathname.split('/').at(-1) ?? '';
  if (request.method === 'PUT') profiles.set(id, (await request.json()) as object);
  const profile = profiles.get(id);
  if (profile === undefined) return new Response(null, { status: 404 });
  return Response.json({ id, ...profile, createdAt: '2026-01-01T00:00:00.000Z' });
};
