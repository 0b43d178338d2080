import type { ClientFrameOf, ClientOp, Push, Reply, ServerFrame } from '@chatapp/contract/frames';
import type { Person } from './person.ts';

export type PushOf<E extends Push['e']> = Extract<Push, { e: E }>;
type FieldsOf<Op extends ClientOp> = Omit<ClientFrameOf<Op>, 'id' | 'op'>;

export interface ChatSocket {
  /** Every push so far, in order of arrival. */
  readonly pushes: readonly Push[];
  /** Resolves when the socket is closed, by whoever. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly isOpen: boolean;
  /** Sends a frame and waits for its answer; rejects when the socket closes or `timeoutMs` (10 s) passes first. */
  request<Op extends ClientOp>(op: Op, fields: FieldsOf<Op>, timeoutMs?: number): Promise<Reply>;
  /** The first push, also of those that came already, for which `check` holds; rejects after `timeoutMs` (5 s). */
  push<E extends Push['e']>(event: E, check?: (push: PushOf<E>) => boolean, timeoutMs?: number): Promise<PushOf<E>>;
  /** Sends text as it is. */
  sendRaw(text: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
  /** Closes without a word, as a client does that takes the network for dead. */
  terminate(): void;
}

export interface ChatSocketOptions {
  readonly onPush?: (push: Push) => void;
  /** Each frame as it came. */
  readonly onText?: (text: string) => void;
  /** Whether `pushes` keeps what was looked at; false for sockets that see more than memory should hold. */
  readonly keepPushes?: boolean;
  /** In place of the ticket's: to go through a proxy of the test's. */
  readonly url?: string;
  /** Whether the session's cookie goes along, as a browser sends it to the BFF. */
  readonly withCookie?: boolean;
}

/** A handshake that was answered over HTTP; whoever opens a socket is shown no more of it than the status. */
export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused';

  constructor(readonly status: number) {
    super(`the handshake was answered with ${status}`);
  }
}

/** Opens a socket with a ticket, as the web client does, and waits for `hello`. Throws HandshakeRefused where the server says no. */
export const openSocket = async (person: Person, options: ChatSocketOptions = {}): Promise<ChatSocket> => {
  const { url, ticket } = await person.ticket();
  const cookie = options.withCookie === true ? { cookie: person.cookies.header(person.url) } : {};
  const headers = { origin: new URL(person.url).origin, ...cookie };
  const socket = new WebSocket(`${options.url ?? url}?ticket=${ticket}`, { headers } as unknown as string[]);
  let status: string | undefined;
  // Bun's alone: a browser tells nobody.
  socket.onerror = (event) => {
    status = /Expected 101 status code: (\d{3})/.exec((event as ErrorEvent).message)?.[1];
  };
  const chat = attach(socket, options);
  try {
    await chat.push('hello', undefined, 10_000);
  } catch (error) {
    chat.terminate();
    throw status === undefined ? error : new HandshakeRefused(Number(status));
  }
  return chat;
};

const attach = (socket: WebSocket, { onPush, onText, keepPushes = true }: ChatSocketOptions): ChatSocket => {
  const pushes: Push[] = [];
  const waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  const watchers = new Set<(push: Push) => void>();
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  let nextId = 1;

  const take = (frame: ServerFrame) => {
    if ('re' in frame) {
      waiting.get(frame.re)?.resolve(frame);
      waiting.delete(frame.re);
      return;
    }
    if (keepPushes || frame.e === 'hello') pushes.push(frame);
    onPush?.(frame);
    for (const watcher of watchers) watcher(frame);
  };
  socket.onmessage = ({ data }) => {
    onText?.(String(data));
    const frames = JSON.parse(String(data)) as ServerFrame | ServerFrame[];
    for (const frame of Array.isArray(frames) ? frames : [frames]) take(frame);
  };
  socket.onclose = ({ code, reason }) => {
    closed.resolve({ code, reason });
    for (const { reject } of waiting.values()) reject(new Error(`the socket closed (${code} ${reason})`));
    waiting.clear();
  };

  return {
    pushes,
    closed: closed.promise,
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    request(op, fields, timeoutMs = 10_000) {
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      if (socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('the socket is not open'));
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, op, ...fields }));
      return within(promise, timeoutMs, `no answer to ${op}`);
    },
    push(event, check = () => true, timeoutMs = 5000) {
      const fits = (push: Push): push is PushOf<typeof event> =>
        push.e === event && check(push as PushOf<typeof event>);
      const known = pushes.find(fits);
      if (known) return Promise.resolve(known);
      const { promise, resolve } = Promise.withResolvers<PushOf<typeof event>>();
      const watcher = (push: Push) => {
        if (fits(push)) resolve(push);
      };
      watchers.add(watcher);
      const gone = closed.promise.then(({ code }) => {
        throw new Error(`the socket closed (${code}) before a push ${event}`);
      });
      return within(Promise.race([promise, gone]), timeoutMs, `no push ${event}`).finally(() =>
        watchers.delete(watcher),
      );
    },
    sendRaw: (text) => socket.send(text),
    close: () => socket.close(1000),
    // Bun has it; the browser's type, which is in scope too, has not.
    terminate: () => (socket as unknown as { terminate(): void }).terminate(),
  };
};

const within = async <T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> => {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`${what} within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** The `ok` of a reply; throws where it is an error. */
export const okOf = <T = Record<string, unknown>>(reply: Reply): T => {
  if ('ok' in reply) return reply.ok as T;
  throw new Error(`expected ok, got ${JSON.stringify(reply.error)}`);
};
