import type { Socket } from 'bun';

/** What happens to the bytes of one direction. All unset: they pass. */
export interface Conditions {
  readonly latencyMs?: number;
  /** Added to the latency, uniform from 0; order is kept. */
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** How many of the chunks come late by `stallMs`: what the loss of a packet is to TCP, which sends it again and keeps the order. */
  readonly stallShare?: number;
  readonly stallMs?: number;
  /** After this many bytes of a connection it is reset. */
  readonly cutAfterBytes?: number;
  /** Nothing is read any more: the sender's buffers fill. */
  readonly stopReading?: boolean;
  /** Bytes are read and forgotten; nobody is told. */
  readonly blackHole?: boolean;
}

const queuedBytesMax = 256 * 1024;

interface Waiting {
  readonly chunk: Uint8Array;
  readonly dueAt: number;
}

/** One direction of one connection: takes chunks of `from` and writes them to `to` as the conditions say. */
export class Lane {
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  #passedBytes = 0;
  #freeAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isEnding = false;
  #from: Socket<unknown> | undefined;
  #to: Socket<unknown> | undefined;

  constructor(
    readonly conditions: () => Conditions,
    readonly random: () => number,
    readonly onCut: () => void,
  ) {}

  /** Either end may come later: what was taken before waits. */
  connect(ends: { from?: Socket<unknown>; to?: Socket<unknown> }): void {
    this.#from = ends.from ?? this.#from;
    this.#to = ends.to ?? this.#to;
    this.refresh();
  }

  take(chunk: Uint8Array): void {
    const { blackHole, cutAfterBytes, latencyMs = 0, jitterMs = 0, bytesPerSecond } = this.conditions();
    if (blackHole) return;
    this.#passedBytes += chunk.byteLength;
    const now = performance.now();
    const sendingMs = bytesPerSecond === undefined ? 0 : (chunk.byteLength / bytesPerSecond) * 1000;
    this.#freeAt = Math.max(now, this.#freeAt) + sendingMs;
    const { stallShare = 0, stallMs = 0 } = this.conditions();
    const stalledMs = stallShare > 0 && this.random() < stallShare ? stallMs : 0;
    const arrivesAt = this.#freeAt + latencyMs + jitterMs * this.random() + stalledMs;
    const dueAt = Math.max(arrivesAt, this.#queue.at(-1)?.dueAt ?? 0);
    // A copy: the buffer is the runtime's again when this call returns.
    this.#queue.push({ chunk: chunk.slice(), dueAt });
    this.#queuedBytes += chunk.byteLength;
    this.flush();
    if (cutAfterBytes !== undefined && this.#passedBytes >= cutAfterBytes) this.onCut();
    this.refresh();
  }

  /** Writes what is due, as far as the receiver takes it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const to = this.#to;
    if (!to) return;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0.5) {
        this.#timer = setTimeout(() => this.flush(), waitMs);
        return;
      }
      const written = to.write(next.chunk);
      if (written < 0) return;
      this.#queuedBytes -= written;
      if (written < next.chunk.byteLength) {
        this.#queue[0] = { ...next, chunk: next.chunk.subarray(written) };
        break;
      }
      this.#queue.shift();
    }
    this.refresh();
    if (this.#isEnding && this.#queue.length === 0) to.end();
  }

  /** After a change of conditions or of the queue: reads on, or stops reading. */
  refresh(): void {
    if (this.conditions().stopReading || this.#queuedBytes > queuedBytesMax) this.#from?.pause();
    else this.#from?.resume();
  }

  /** The sender said goodbye: so do we, after the last byte. In a black hole nobody hears it. */
  end(): void {
    if (this.conditions().blackHole) return;
    this.#isEnding = true;
    this.flush();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
