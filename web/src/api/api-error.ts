import type { FieldError, ProblemCode } from '@chatapp/contract/problem';

/** A problem code of the server, or that no answer came: `offline` (no connection), `timeout` (too late). */
export type FailureCode = ProblemCode | 'offline' | 'timeout';

/** Why a request failed, as a code to switch on. `status` is 0 where no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: FailureCode;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly fields: readonly FieldError[];

  constructor(
    code: FailureCode,
    status: number,
    more: { retryAfterMs?: number | undefined; fields?: FieldError[] | undefined; cause?: unknown } = {},
  ) {
    super(code, { cause: more.cause });
    this.code = code;
    this.status = status;
    this.retryAfterMs = more.retryAfterMs;
    this.fields = more.fields ?? [];
  }
}

/** The code of a failure; anything that is no `ApiError` counts as internal. */
export const codeOf = (error: unknown): FailureCode => (error instanceof ApiError ? error.code : 'internal');

/** Whether the same request may succeed later. */
export const isTemporary = (code: FailureCode): boolean => temporary.has(code);

const temporary = new Set<FailureCode>([
  'offline',
  'timeout',
  'internal',
  'upstream-unreachable',
  'unavailable',
  'upstream-timeout',
  'rate-limited',
]);
