import { type FieldError, type Problem, type ProblemCode, problems } from '@chatapp/contract/problem';

/** What a `rate-limited` refusal ran against: so many in a window, or so many at once where there is no window. */
export interface RateLimitPolicy {
  /** A word, which stands in quotes. */
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds?: number;
}

interface ProblemOptions {
  /** For people: what to do. Never ids, tokens or another person's data. */
  readonly detail?: string;
  readonly retryAfterMs?: number;
  readonly policy?: RateLimitPolicy;
  readonly errors?: readonly FieldError[];
  readonly cause?: unknown;
}

/** The one error that use cases throw; `problemResponse` turns it into `application/problem+json` (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly policy: RateLimitPolicy | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    readonly code: ProblemCode,
    options: ProblemOptions = {},
  ) {
    super(options.detail ?? problems[code].title, { cause: options.cause });
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
    this.policy = options.policy;
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

/** What a limit that nothing is left of says about itself (draft-ietf-httpapi-ratelimit-headers). */
export const rateLimitHeaders = (policy: RateLimitPolicy, resetMs: number): Record<string, string> => {
  const { name, limit, windowSeconds } = policy;
  return {
    'ratelimit-policy': `"${name}";q=${limit}${windowSeconds === undefined ? '' : `;w=${windowSeconds}`}`,
    ratelimit: `"${name}";r=0;t=${Math.ceil(resetMs / 1000)}`,
  };
};

/** `Retry-After` is in whole seconds, rounded up; `retryAfterMs` in the body is exact. */
export const problemResponse = (error: ProblemError, requestId: string): Response => {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  });
  if (error.retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  if (error.policy !== undefined) {
    for (const [name, value] of Object.entries(rateLimitHeaders(error.policy, error.retryAfterMs ?? 0)))
      headers.set(name, value);
  }
  return new Response(JSON.stringify(problemBody(error, requestId)), { status: error.status, headers });
};
