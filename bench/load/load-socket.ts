import type { Socket } from 'bun';
import { type Dialect, dialects } from './dialects.ts';
import type { DialectName, SocketPlan } from './plan.ts';
import { FrameReader, textFrame } from './ws-frames.ts';

export interface LoadSocketOptions {
  readonly plan: SocketPlan;
  readonly dialect: DialectName;
  /** A frame that may hold messages. */
  readonly onFrame: (socket: LoadSocket, payload: Buffer) => void;
  /** The server did not take a message. */
  readonly onRefused: (payload: Buffer) => void;
}

/** `resume` answers may be refused for a moment; then it is asked again after this, ms. */
const againMs = 100;
const readyWithinMs = 15_000;

/** One connection of the generator: TCP, an upgrade written by hand, and as little work a frame as can be. */
export class LoadSocket {
  readonly plan: SocketPlan;
  /** The highest `rev` of each room that was seen; filled by who resumes. */
  readonly have = new Map<string, number>();
  isReady = false;
  /** How often the server asked to be asked again. */
  retries = 0;
  /** What the handshake's last answer was. */
  lastAnswer = '';
  readonly #dialect: Dialect;
  #tcp: Socket<undefined> | undefined;
  #outcome = Promise.withResolvers<void>();

  constructor(readonly options: LoadSocketOptions) {
    this.plan = options.plan;
    this.#dialect = dialects[options.dialect];
  }

  /** Resolves when the server takes messages from it. */
  async connect(): Promise<void> {
    const outcome = Promise.withResolvers<void>();
    this.#outcome = outcome;
    // Whoever closes first says why; the rest of what goes wrong is heard by nobody.
    outcome.promise.catch(() => undefined);
    const { hostname, port } = new URL(this.plan.url);
    const timer = setTimeout(() => outcome.reject(new Error('not ready in time')), readyWithinMs);
    try {
      const take = this.#taker();
      this.#tcp = await Bun.connect({
        hostname,
        port: Number(port),
        socket: {
          data: (_tcp, data) => take(data),
          close: () => this.#onClose(outcome),
          error: (_tcp, error) => outcome.reject(error),
          connectError: (_tcp, error) => outcome.reject(error),
        },
      });
      this.#tcp.write(this.#upgrade(hostname, port));
      await outcome.promise;
    } catch (error) {
      this.drop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A message into a room. */
  say(room: string, clientId: string, number: number): void {
    this.#send(this.#dialect.message(room, clientId, number));
  }

  /** Without a word. */
  drop(): void {
    this.isReady = false;
    this.#tcp?.terminate();
    this.#tcp = undefined;
  }

  #upgrade(hostname: string, port: string): string {
    const { path, headers } = this.#dialect.handshake(this.plan);
    const lines = [`GET ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, 'Connection: Upgrade', 'Upgrade: websocket'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    return `${[...lines, key, 'Sec-WebSocket-Version: 13', ...headers].join('\r\n')}\r\n\r\n`;
  }

  /** What takes the bytes of one connection: first the answer to the upgrade, then frames. */
  #taker(): (data: Buffer) => void {
    const reader = new FrameReader({
      onText: (payload) => this.#onText(payload),
      onClose: (code) => {
        this.lastAnswer = `closed with ${code}`;
      },
      send: (frame) => void this.#tcp?.write(frame),
    });
    let head: Buffer | undefined = Buffer.alloc(0);
    return (data) => {
      if (head === undefined) return reader.take(data);
      head = Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const rest = head.subarray(end + 4);
      this.#onUpgraded(head.toString('latin1', 0, end));
      head = undefined;
      if (rest.length > 0) reader.take(rest);
    };
  }

  #onUpgraded(head: string): void {
    if (!head.startsWith('HTTP/1.1 101')) {
      this.lastAnswer = head.slice(0, head.indexOf('\r\n'));
      this.#outcome.reject(new Error(this.lastAnswer));
      return;
    }
    const greeting = this.#dialect.greeting(this.have);
    if (greeting === undefined) this.#onReady();
    else if (greeting !== '') this.#send(greeting);
  }

  #onText(payload: Buffer): void {
    const { meaning, reply } = this.#dialect.read(payload);
    if (reply !== undefined) this.#send(reply);
    if (meaning === 'other') this.options.onFrame(this, payload);
    else if (meaning === 'refused') this.options.onRefused(payload);
    else if (meaning === 'ready') {
      // A resume's answer may hold messages too.
      this.options.onFrame(this, payload);
      this.#onReady();
    } else if (meaning === 'not-yet') {
      this.retries++;
      this.lastAnswer = payload.toString();
      setTimeout(() => this.#send(this.#dialect.greeting(this.have) ?? ''), againMs * (0.5 + Math.random()));
    }
  }

  #onReady(): void {
    this.isReady = true;
    this.#outcome.resolve();
  }

  #onClose(outcome: PromiseWithResolvers<void>): void {
    this.isReady = false;
    outcome.reject(new Error(`closed before it was ready (${this.lastAnswer})`));
  }

  #send(text: string): void {
    this.#tcp?.write(textFrame(text));
  }
}
