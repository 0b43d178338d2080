import { ProblemError } from '@chatapp/service/problem';

/** A request's body on its way through. */
export interface RequestBody {
  /** The whole body as a stream; a second call (another attempt) begins with what the first one has read already. */
  open(): ReadableStream<Uint8Array>;
  /** Resolves when the browser has sent all of it, or no more comes. */
  readonly ended: Promise<void>;
  /** Set when more came than is allowed: the stream has failed then. */
  readonly fault: ProblemError | undefined;
  cancel(): void;
}

/**
 * Streams a body of up to `bytesMax` bytes, with back-pressure, and keeps what has passed (never more than that), so that an attempt that reached
 * nobody can be repeated. One stream is read at a time.
 */
export const streamBody = (source: ReadableStream<Uint8Array>, bytesMax: number): RequestBody => {
  const reader = source.getReader();
  const passed: Uint8Array[] = [];
  let bytes = 0;
  let fault: ProblemError | undefined;
  const ended = Promise.withResolvers<void>();
  // Two attempts may wait for the same piece: it must reach both.
  let pending: Promise<boolean> | undefined;

  const readOn = async (): Promise<boolean> => {
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
  const next = (): Promise<boolean> => {
    pending ??= readOn().finally(() => {
      pending = undefined;
    });
    return pending;
  };

  return {
    open() {
      let place = 0;
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (place === passed.length && !(await next())) return controller.close();
          const piece = passed[place++];
          if (piece) controller.enqueue(piece);
        },
      });
    },
    ended: ended.promise,
    get fault() {
      return fault;
    },
    cancel: () => void reader.cancel().catch(() => undefined),
  };
};
