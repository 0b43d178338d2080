import { MalformedAnswerError } from './answer-head.ts';

const lineBytesMax = 4096;
const trailerLinesMax = 64;
const newline = 0x0a;

/** Reads a body in chunks (RFC 9112 §7.1). Extensions and trailers are passed over: nobody here knows any. */
export class ChunkedBody {
  isWhole = false;
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #left = 0;
  /** A line whose end did not come yet. */
  #line = '';
  #trailerLines = 0;

  /** Appends what is content of `bytes` to `pieces`. Throws MalformedAnswerError, also for what comes after the end. */
  take(bytes: Buffer, pieces: Uint8Array[]): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.isWhole) throw new MalformedAnswerError('more than one answer');
      if (this.#state === 'data') {
        const piece = bytes.subarray(at, at + this.#left);
        pieces.push(piece);
        at += piece.length;
        this.#left -= piece.length;
        if (this.#left === 0) this.#state = 'data-end';
        continue;
      }
      const end = bytes.indexOf(newline, at);
      const next = end < 0 ? bytes.length : end + 1;
      this.#line += bytes.toString('latin1', at, next);
      if (this.#line.length > lineBytesMax) throw new MalformedAnswerError('too long a line');
      at = next;
      if (end >= 0) this.#takeLine();
    }
  }

  #takeLine(): void {
    if (!this.#line.endsWith('\r\n')) throw new MalformedAnswerError('a line without its end');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    switch (this.#state) {
      case 'size': {
        const size = /^([\da-f]{1,12})[ \t]*(;[^\0\r\n]*)?$/i.exec(line)?.[1];
        if (size === undefined) throw new MalformedAnswerError('no size of a chunk');
        this.#left = Number.parseInt(size, 16);
        this.#state = this.#left === 0 ? 'trailer' : 'data';
        return;
      }
      case 'data-end':
        if (line !== '') throw new MalformedAnswerError('a chunk longer than told');
        this.#state = 'size';
        return;
      default:
        this.isWhole = line === '';
        if (++this.#trailerLines > trailerLinesMax) throw new MalformedAnswerError('too many trailers');
    }
  }
}
