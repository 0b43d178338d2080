import type { Signal } from '@chatapp/resilience/signal';
import type { Socket } from 'bun';
import type { AnswerFields } from './answer-head.ts';
import { AnswerReader } from './answer-reader.ts';

/** A request without a body. `text` is its whole head in ASCII, with the empty line. */
export interface Question {
  readonly isHead: boolean;
  readonly text: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: AnswerFields;
  /** Bytes where all of it came at once, else a stream, which ends the connection when it is cancelled. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

/** The server closed a kept connection before it said anything: as if the request had not been sent (RFC 9112 §9.3.1). */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
  readonly code = 'ECONNRESET';
}

/** What waits in memory of a body that is read slowly; from there on the server waits. */
const waitingBytesMax = 65_536;

const broken = (message: string, code = 'ECONNRESET') => Object.assign(new Error(message), { code });

/** One question and its answer on a connection. */
interface Exchange {
  readonly reader: AnswerReader;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly leave: () => void;
  hasBegun: boolean;
  /** Set when the head was answered before all of the body was there. */
  stream: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
}

/** A connection to a server, for one question at a time. `onFree` is told when the next one may be asked, `onClose` once. */
export class Connection {
  #socket: Socket<Connection> | undefined;
  #unsent = '';
  #isPaused = false;
  #asked = 0;
  #exchange: Exchange | undefined;
  readonly #onFree: (connection: Connection) => void;
  readonly #onClose: (connection: Connection) => void;

  constructor(options: { onFree(connection: Connection): void; onClose(connection: Connection): void }) {
    this.#onFree = options.onFree;
    this.#onClose = options.onClose;
  }

  /** Rejects with a code where no connection was made. */
  async open(hostname: string, port: number): Promise<void> {
    this.#socket = await Bun.connect({ hostname, port, data: this, socket: handlers });
  }

  /** Answers as soon as the head is there. Rejects with a code when the connection breaks, with the signal's reason when that aborts. */
  ask({ isHead, text }: Question, signal: Signal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const abort = () => this.#fail(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      const leave = () => signal.removeEventListener('abort', abort);
      const reader = new AnswerReader({ toHead: isHead });
      this.#exchange = { reader, resolve, reject, leave, hasBegun: false, stream: undefined };
      this.#asked++;
      if (signal.aborted) return abort();
      this.#write(text);
    });
  }

  destroy(): void {
    this.#socket?.terminate();
  }

  drained(): void {
    if (this.#unsent !== '') this.#write(this.#unsent);
  }

  received(bytes: Buffer<ArrayBuffer>): void {
    const exchange = this.#exchange;
    // Nobody asked.
    if (exchange === undefined) {
      this.destroy();
      return;
    }
    exchange.hasBegun = true;
    try {
      exchange.reader.take(bytes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#passOn(exchange);
  }

  /** `isBroken`: not closed by the server, so that nothing says that all was there. */
  closed({ isBroken }: { readonly isBroken: boolean }): void {
    const exchange = this.#exchange;
    this.#onClose(this);
    if (exchange === undefined) return;
    if (!isBroken && exchange.reader.close()) this.#passOn(exchange);
    else this.#fail(this.#lost(exchange));
  }

  #write(text: string): void {
    const written = this.#socket?.write(text) ?? -1;
    this.#unsent = text.slice(Math.max(0, written));
    if (written < 0 && this.#exchange) this.#fail(this.#lost(this.#exchange));
  }

  #lost({ hasBegun }: Exchange): Error {
    return this.#asked > 1 && !hasBegun ? new StaleConnectionError() : broken('the connection closed');
  }

  #passOn(exchange: Exchange): void {
    const { reader } = exchange;
    const { head } = reader;
    if (head === undefined) return;
    const pieces = reader.takePieces() as Uint8Array<ArrayBuffer>[];
    const { stream } = exchange;
    if (stream !== undefined) this.#stream(stream, pieces);
    if (reader.isWhole) this.#end(exchange, head.keepsAlive && head.framing.kind !== 'until-close');
    if (stream !== undefined) {
      if (reader.isWhole) stream.close();
      return;
    }
    const body = reader.isWhole ? wholeOf(pieces, head.framing.kind) : this.#bodyOf(exchange, pieces);
    exchange.resolve({ status: head.status, headers: head.fields, body });
  }

  #bodyOf(exchange: Exchange, pieces: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          exchange.stream = controller;
          this.#stream(controller, pieces);
        },
        pull: () => {
          if (this.#exchange === exchange) this.#resume();
        },
        cancel: () => this.#fail(broken('nobody reads on'), exchange),
      },
      { highWaterMark: waitingBytesMax, size: (piece) => piece?.byteLength ?? 0 },
    );
  }

  #stream(
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
    pieces: readonly Uint8Array<ArrayBuffer>[],
  ): void {
    for (const piece of pieces) controller.enqueue(piece);
    if (this.#isPaused || (controller.desiredSize ?? 0) > 0) return;
    this.#isPaused = true;
    this.#socket?.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  #end(exchange: Exchange, isFree: boolean): void {
    exchange.leave();
    this.#exchange = undefined;
    this.#resume();
    if (isFree) this.#onFree(this);
    else this.#socket?.end();
  }

  #fail(error: unknown, of = this.#exchange): void {
    const exchange = this.#exchange;
    if (exchange === undefined || exchange !== of) return;
    this.#exchange = undefined;
    exchange.leave();
    this.destroy();
    if (exchange.stream === undefined) exchange.reject(error);
    else errorStream(exchange.stream, error);
  }
}

const errorStream = (stream: ReadableStreamDefaultController, error: unknown): void => {
  try {
    stream.error(error);
  } catch {
    // Its reader has cancelled it: nobody is left to be told.
  }
};

const wholeOf = (pieces: readonly Uint8Array<ArrayBuffer>[], kind: string): Uint8Array<ArrayBuffer> | null => {
  if (kind === 'none') return null;
  const [first, second] = pieces;
  if (first === undefined) return new Uint8Array();
  return second === undefined ? first : Buffer.concat(pieces);
};

/** The same for all connections: what came is the connection's own business. */
const handlers = {
  data: ({ data }: Socket<Connection>, bytes: Buffer<ArrayBuffer>) => data.received(bytes),
  drain: ({ data }: Socket<Connection>) => data.drained(),
  close: ({ data }: Socket<Connection>, error?: Error) => data.closed({ isBroken: error !== undefined }),
  // `close` follows.
  error: () => undefined,
  connectError: () => undefined,
};
