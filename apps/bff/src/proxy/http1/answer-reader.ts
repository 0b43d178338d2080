import { type AnswerHead, MalformedAnswerError, parseAnswerHead } from './answer-head.ts';
import { ChunkedBody } from './chunked-body.ts';

const headBytesMax = 65_536;
const headEnd = Buffer.from('\r\n\r\n');

/** Reads one answer from the pieces in which it comes; keeps of the body only what was not taken yet. */
export class AnswerReader {
  /** The final one: what a server says in between (RFC 9110 §15.2) is passed over. */
  head: AnswerHead | undefined;
  isWhole = false;
  readonly #toHead: boolean;
  #headBytes: Buffer | undefined;
  #left = 0;
  #chunked: ChunkedBody | undefined;
  #pieces: Uint8Array[] = [];

  constructor({ toHead }: { readonly toHead: boolean }) {
    this.#toHead = toHead;
  }

  /** Throws MalformedAnswerError, also for what comes after the end. */
  take(bytes: Buffer): void {
    const body = this.head === undefined ? this.#takeHead(bytes) : bytes;
    if (body === undefined || body.length === 0) return;
    if (this.isWhole) throw new MalformedAnswerError('more than one answer');
    this.#takeBody(body);
  }

  /** What came of the body since the last time. */
  takePieces(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Nothing more comes; false where that cut the answer short. */
  close(): boolean {
    if (this.head?.framing.kind === 'until-close') this.isWhole = true;
    return this.isWhole;
  }

  /** Answers the first bytes of the body, once the head is there. */
  #takeHead(bytes: Buffer): Uint8Array | undefined {
    const all = this.#headBytes === undefined ? bytes : Buffer.concat([this.#headBytes, bytes]);
    for (let start = 0; ; ) {
      const end = all.indexOf(headEnd, start);
      const length = (end < 0 ? all.length : end) - start;
      if (length > headBytesMax) throw new MalformedAnswerError('too long a head');
      if (end < 0) {
        this.#headBytes = all.subarray(start);
        return undefined;
      }
      const head = parseAnswerHead(all.toString('latin1', start, end), { toHead: this.#toHead });
      start = end + headEnd.length;
      // A part of a Buffer as a Buffer costs several times as much.
      if (head.status >= 200)
        return this.#begin(head, new Uint8Array(all.buffer, all.byteOffset + start, all.length - start));
      // Nobody asked for another protocol.
      if (head.status === 101) throw new MalformedAnswerError('another protocol');
    }
  }

  #begin(head: AnswerHead, rest: Uint8Array): Uint8Array {
    this.head = head;
    this.#headBytes = undefined;
    const { framing } = head;
    if (framing.kind === 'chunked') this.#chunked = new ChunkedBody();
    if (framing.kind === 'length') this.#left = framing.bytes;
    this.isWhole = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0);
    return rest;
  }

  #takeBody(bytes: Uint8Array): void {
    if (this.#chunked !== undefined) {
      this.#chunked.take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), this.#pieces);
      this.isWhole = this.#chunked.isWhole;
      return;
    }
    this.#pieces.push(bytes);
    if (this.head?.framing.kind !== 'length') return;
    this.#left -= bytes.length;
    if (this.#left < 0) throw new MalformedAnswerError('more than was told');
    this.isWhole = this.#left === 0;
  }
}
