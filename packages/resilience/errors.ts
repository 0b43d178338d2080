export type ResilienceErrorCode = 'circuit-open' | 'bulkhead-full' | 'deadline';

/** A call that a policy ended; switch on `code`, and find what went before in `cause`. */
export abstract class ResilienceError extends Error {
  abstract readonly code: ResilienceErrorCode;
  readonly destination: string;

  constructor(destination: string, message: string, cause?: unknown) {
    super(`${destination}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.destination = destination;
  }
}

/** The destination failed too often in a row and is left alone; nothing was sent. `cause` is its last failure. */
export class CircuitOpenError extends ResilienceError {
  readonly code = 'circuit-open';

  constructor(destination: string, cause?: unknown) {
    super(destination, 'circuit open', cause);
  }
}

/** As many calls as allowed are running and waiting already; nothing was sent. */
export class BulkheadFullError extends ResilienceError {
  readonly code = 'bulkhead-full';

  constructor(destination: string) {
    super(destination, 'too many calls at once');
  }
}

/** The time ran out: of one attempt (which may be repeated) or of the whole call. What was sent may still have its effect. */
export class DeadlineError extends ResilienceError {
  readonly code = 'deadline';
  readonly scope: 'attempt' | 'call';

  constructor(destination: string, scope: 'attempt' | 'call', cause?: unknown) {
    super(destination, `no answer before the deadline of the ${scope}`, cause);
    this.scope = scope;
  }
}
