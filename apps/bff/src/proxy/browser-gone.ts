import type { Signal } from '@chatapp/resilience/signal';

/**
 * Aborts when a request's browser has gone. The platform's own signal costs a request more than its session does, so for what only reads it is asked for when
 * somebody first listens.
 */
export const browserGone = (request: Request): Signal =>
  request.body === null && reads.has(request.method) ? new BrowserGone(request) : request.signal;

const reads: ReadonlySet<string> = new Set(['GET', 'HEAD']);

class BrowserGone implements Signal {
  readonly #request: Request;
  #signal: AbortSignal | undefined;

  constructor(request: Request) {
    this.#request = request;
  }

  /** As far as anybody has listened. */
  get aborted(): boolean {
    return this.#signal?.aborted ?? false;
  }

  get reason(): unknown {
    return this.#signal?.reason;
  }

  throwIfAborted(): void {
    this.#signal?.throwIfAborted();
  }

  addEventListener(type: 'abort', listener: () => void, options?: { once: boolean }): void {
    this.#signal ??= this.#request.signal;
    this.#signal.addEventListener(type, listener, options);
  }

  removeEventListener(type: 'abort', listener: () => void): void {
    this.#signal?.removeEventListener(type, listener);
  }
}
