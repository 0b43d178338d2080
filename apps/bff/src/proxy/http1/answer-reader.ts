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
  #takeHead(bytes: Buffer): Buffer | undefined {
    let rest = this.#headBytes === undefined ? bytes : Buffer.concat([this.#headBytes, bytes]);
    for (;;) {
      const end = rest.indexOf(headEnd);
      if (end < 0 ? rest.length > headBytesMax : end > headBytesMax) throw new MalformedAnswerError('too long a head');
      if (end < 0) {
        this.#headBytes = rest;
        return undefined;
      }
      const head = parseAnswerHead(rest.toString('latin1', 0, end), { toHead: this.#toHead });
      rest = rest.subarray(end + headEnd.length);
      if (head.status >= 200) return this.#begin(head, rest);
      // Nobody asked for another protocol.
      if (head.status === 101) throw new MalformedAnswerError('another protocol');
    }
  }

  #begin(head: AnswerHead, rest: Buffer): Buffer {
    this.head = head;
    this.#headBytes = undefined;
    const { framing } = head;
    if (framing.kind === 'chunked') this.#chunked = new ChunkedBody();
    if (framing.kind === 'length') this.#left = framing.bytes;
    this.isWhole = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0);
    return rest;
  }

  #takeBody(bytes: Buffer): void {
    if (this.#chunked !== undefined) {
      this.#chunked.take(bytes, this.#pieces);
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
