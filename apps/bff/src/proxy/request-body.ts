import { limits } from '@chatapp/contract/limits';
import { ProblemError } from '@chatapp/service/problem';

/** A request's body on its way through: all of it, or the beginning of one that is larger than what is held. */
export type RequestBody = { readonly kind: 'whole'; readonly bytes: Uint8Array<ArrayBuffer> } | BodyStream;

export interface BodyStream {
  readonly kind: 'stream';
  /** The whole body as a stream; a second call (another attempt) begins with what the first one has read already. */
  open(): ReadableStream<Uint8Array>;
  /** Resolves when the browser has sent all of it. */
  readonly ended: Promise<void>;
  /** Set when more came than is allowed: the stream has failed then. */
  readonly fault: ProblemError | undefined;
}

/** Held until it is whole: a browser that sends slowly keeps nobody but itself waiting. What is larger streams on. */
const heldBytesMax = limits.httpBodyBytesMax;

/** Receives a body of up to `bytesMax` bytes; throws `too-large` where more came. Rejects when the browser goes. */
export const receiveBody = async (source: ReadableStream<Uint8Array>, bytesMax: number): Promise<RequestBody> => {
  const inflow = createInflow(source, bytesMax);
  while (inflow.bytes <= heldBytesMax) {
    if (!(await inflow.next())) return { kind: 'whole', bytes: Buffer.concat(inflow.passed) };
  }
  return streamOf(inflow);
};

/** What has come of a body; it is kept, never more than its route allows, so that it can be sent again. */
interface Inflow {
  readonly passed: readonly Uint8Array[];
  readonly bytes: number;
  readonly fault: ProblemError | undefined;
  readonly ended: Promise<void>;
  /** Waits for another piece; false at the end. */
  next(): Promise<boolean>;
}

const createInflow = (source: ReadableStream<Uint8Array>, bytesMax: number): Inflow => {
  const reader = source.getReader();
  const passed: Uint8Array[] = [];
  const ended = Promise.withResolvers<void>();
  let bytes = 0;
  let fault: ProblemError | undefined;
  // Two attempts may wait for the same piece: it must reach both.
  let pending: Promise<boolean> | undefined;

  const readOn = async (): Promise<boolean> => {
    // The source that was cancelled would say that this was all.
    if (fault !== undefined) throw fault;
    const { done, value } = await reader.read();
    if (done) {
      ended.resolve();
      return false;
    }
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      fault = new ProblemError('too-large');
      reader.cancel().catch(() => undefined);
      throw fault;
    }
    passed.push(value);
    return true;
  };

  return {
    passed,
    ended: ended.promise,
    get bytes() {
      return bytes;
    },
    get fault() {
      return fault;
    },
    next() {
      pending ??= readOn().finally(() => {
        pending = undefined;
      });
      return pending;
    },
  };
};

/** With back-pressure. One stream is read at a time. */
const streamOf = (inflow: Inflow): BodyStream => ({
  kind: 'stream',
  open() {
    let place = 0;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (place === inflow.passed.length && !(await inflow.next())) return controller.close();
        const piece = inflow.passed[place++];
        if (piece) controller.enqueue(piece);
      },
    });
  },
  ended: inflow.ended,
  get fault() {
    return inflow.fault;
  },
});
