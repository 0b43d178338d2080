import { type FieldError, type Problem, type ProblemCode, problems } from '@chatapp/contract/problem';

interface ProblemOptions {
  /** For people: what to do. Never ids, tokens or another person's data. */
  readonly detail?: string;
  readonly retryAfterMs?: number;
  readonly errors?: readonly FieldError[];
  readonly cause?: unknown;
}

/** The one error that use cases throw; `problemResponse` turns it into `application/problem+json` (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    readonly code: ProblemCode,
    options: ProblemOptions = {},
  ) {
    super(options.detail ?? problems[code].title, { cause: options.cause });
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
    this.errors = options.errors;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

export const problemBody = (error: ProblemError, requestId: string): Problem => ({
  type: `urn:chatapp:problem:${error.code}`,
  title: problems[error.code].title,
  status: error.status,
  code: error.code,
  detail: error.detail ?? problems[error.code].title,
  requestId,
  ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
});

/** `Retry-After` is in whole seconds, rounded up; `retryAfterMs` in the body is exact. */
export const problemResponse = (error: ProblemError, requestId: string): Response => {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  });
  if (error.retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  return new Response(JSON.stringify(problemBody(error, requestId)), { status: error.status, headers });
};
