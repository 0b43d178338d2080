import type { Signal } from '@chatapp/resilience/signal';
import type { Socket } from 'bun';
import { createTurn } from '../turn.ts';
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

type Ask = (question: Question, signal: Signal) => Promise<Answer>;

/** What waits in memory of a body that is read slowly; from there on the server waits. */
const waitingBytesMax = 65_536;

const broken = (message: string, code = 'ECONNRESET') => Object.assign(new Error(message), { code });

/** One question and its answer on a connection. */
class Exchange {
  readonly reader: AnswerReader;
  isAsked = false;
  hasBegun = false;
  /** Set when the head was answered before all of the body was there. */
  stream: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;

  constructor(
    readonly question: Question,
    readonly signal: Signal,
    readonly abort: () => void,
    /** Answers where the server closed a kept connection before it said anything: as if the question had not been sent (RFC 9112 §9.3.1). */
    readonly elsewhere: Ask | undefined,
    readonly resolve: (answer: Answer) => void,
    readonly reject: (error: unknown) => void,
  ) {
    this.reader = new AnswerReader({ toHead: question.isHead });
    signal.addEventListener('abort', abort, { once: true });
  }

  leave(): void {
    this.signal.removeEventListener('abort', this.abort);
  }
}

const asking = createTurn();
const taking = createTurn();

/** A connection to a server, for one question at a time. `onFree` is told when the next one may be asked, `onClose` once. */
export class Connection {
  #socket: Socket<Connection> | undefined;
  #unsent = '';
  #isPaused = false;
  #exchange: Exchange | undefined;
  /** What came in this turn. */
  #arrived: Buffer<ArrayBuffer>[] = [];
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

  /**
   * Answers as soon as the head is there. Rejects with a code when the connection breaks, with the signal's reason when that aborts. `elsewhere` answers
   * instead where this connection had been closed before the question came.
   */
  ask(question: Question, signal: Signal, elsewhere?: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const abort = () => this.#fail(signal.reason);
      const exchange = new Exchange(question, signal, abort, elsewhere, resolve, reject);
      this.#exchange = exchange;
      if (signal.aborted) abort();
      else asking(() => this.#begin(exchange));
    });
  }

  destroy(): void {
    this.#socket?.terminate();
  }

  drained(): void {
    if (this.#unsent !== '') this.#write(this.#unsent);
  }

  received(bytes: Buffer<ArrayBuffer>): void {
    // Nobody asked: it is the answer to nothing that is to come, either.
    if (!this.#exchange?.isAsked) {
      this.destroy();
      return;
    }
    this.#exchange.hasBegun = true;
    this.#arrived.push(bytes);
    // So much may have more behind it, which is read in this turn unless the socket is paused.
    if (bytes.length >= waitingBytesMax) this.#take();
    else if (this.#arrived.length === 1) taking(() => this.#take());
  }

  /** `isBroken`: not closed by the server, so that nothing says that all was there. */
  closed({ isBroken }: { readonly isBroken: boolean }): void {
    this.#take();
    const exchange = this.#exchange;
    this.#onClose(this);
    if (exchange === undefined) return;
    if (!isBroken && exchange.reader.close()) this.#passOn(exchange);
    else this.#lose(exchange);
  }

  #begin(exchange: Exchange): void {
    // It was given up meanwhile, or the connection has closed.
    if (this.#exchange !== exchange) return;
    exchange.isAsked = true;
    this.#write(exchange.question.text);
  }

  #take(): void {
    const pieces = this.#arrived;
    if (pieces.length === 0) return;
    this.#arrived = [];
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    try {
      for (const piece of pieces) exchange.reader.take(piece);
      this.#passOn(exchange);
    } catch (error) {
      this.#fail(error);
    }
  }

  #write(text: string): void {
    const written = this.#socket?.write(text) ?? -1;
    this.#unsent = written === text.length ? '' : text.slice(Math.max(0, written));
    if (written < 0 && this.#exchange) this.#lose(this.#exchange);
  }

  #lose(exchange: Exchange): void {
    const { hasBegun, elsewhere, question, signal, resolve, reject } = exchange;
    if (hasBegun || elsewhere === undefined) {
      this.#fail(broken('the connection closed'));
      return;
    }
    this.#exchange = undefined;
    exchange.leave();
    this.destroy();
    elsewhere(question, signal).then(resolve, reject);
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
    // Who answers before it has taken all of the question would read the rest as the beginning of the next one.
    if (isFree && this.#unsent === '') this.#onFree(this);
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
