import { type Clock, systemClock } from './clock.ts';
import type { Destination, RetryDecision } from './destination.ts';
import type { Outcome } from './repeat.ts';

export interface ResilientRequest {
  readonly url: string | MemberAddress;
  readonly init?: RequestInit;
  /** Whether it may be sent twice; without it GET, HEAD, OPTIONS, PUT and DELETE may. */
  readonly idempotent?: boolean;
  /** In place of the destination's. */
  readonly deadlineMs?: number | undefined;
  /** In place of the destination's. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Answers as soon as the headers are there: the body then has no deadline, and a break in it is not retried. */
  readonly stream?: boolean;
}

/** Where a request goes whose destination is a group: `pick` names a member (see CallOptions), `of` its address. */
export interface MemberAddress {
  readonly pick: (avoided: ReadonlySet<string>) => string;
  readonly of: (member: string) => string;
}

export type ResilientFetch = (request: ResilientRequest) => Promise<Response>;

export interface ResilientFetchOptions {
  readonly destination: Destination;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock?: Clock;
}

/**
 * `fetch` under the policies of a destination.
 *
 * Tries again after a broken connection, an attempt's timeout, a 5xx (but 501) and a 429, not before Retry-After. What is not idempotent is
 * sent once; it is tried again only when no connection was made. When no attempt is left the last answer is returned or the last error
 * thrown, or CircuitOpenError, BulkheadFullError, DeadlineError. Redirects are answers: following one would take the token elsewhere.
 */
export function createResilientFetch({
  destination,
  fetch,
  clock = systemClock,
}: ResilientFetchOptions): ResilientFetch {
  return ({ url, init = {}, idempotent, deadlineMs, attemptTimeoutMs, stream = false }) =>
    destination.call(
      async ({ signal, member }) => {
        const target = typeof url === 'string' ? url : url.of(member);
        const response = await fetch(target, { redirect: 'manual', ...init, signal });
        return stream ? response : await readWhole(response);
      },
      {
        idempotent: mayRepeat(init, idempotent),
        deadlineMs,
        attemptTimeoutMs,
        pick: typeof url === 'string' ? undefined : url.pick,
        signal: init.signal ?? undefined,
        retryable: (outcome) => retryOf(outcome, { onceOnly: isOnceOnly(init.body), clock }),
        discard: ({ body }) => cancelBody(body),
        lasts: () => stream,
      },
    );
}

/** What HTTP lets anybody send twice (RFC 9110 §9.2.2). */
export const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

function mayRepeat(init: RequestInit, idempotent: boolean | undefined): boolean {
  return !isOnceOnly(init.body) && (idempotent ?? idempotentMethods.has((init.method ?? 'GET').toUpperCase()));
}

/** A stream is used up by the first attempt. */
function isOnceOnly(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** Reads the body within the attempt, so that its time counts and a break in the middle is retried. */
async function readWhole(response: Response): Promise<Response> {
  if (!response.body) return response;
  const { status, statusText, headers } = response;
  return new Response(await response.arrayBuffer(), { status, statusText, headers });
}

/** Lets a body go that nobody will read. */
export function cancelBody(body: ReadableStream<Uint8Array> | null): void {
  // One that is locked or already broken needs no cancelling.
  body?.cancel().catch(() => undefined);
}

/** As much of an answer as says whether to ask again. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
}

/** Whether to ask again over HTTP, as `createResilientFetch` does: `onceOnly` is a request whose body the first attempt uses up. */
export function retryOf(
  outcome: Outcome<AnswerHead>,
  { onceOnly, clock = systemClock }: { readonly onceOnly: boolean; readonly clock?: Clock },
): RetryDecision {
  return 'value' in outcome ? answerDecision(outcome.value, clock) : errorDecision(outcome.error, onceOnly);
}

function answerDecision({ status, headers }: AnswerHead, clock: Clock): RetryDecision {
  const worthIt = status === 429 || (status >= 500 && status !== 501);
  if (!worthIt) return { retry: false };
  const afterMs = retryAfterMs(headers, clock);
  if (afterMs !== undefined) return { retry: true, afterMs };
  // 429 comes from a healthy destination: it must not open the breaker.
  return status === 429 ? { retry: true, afterMs: 0 } : { retry: true };
}

/** RFC 9110 §10.2.3: seconds, or a date, which is measured against the server's own clock where it tells it. */
function retryAfterMs(headers: AnswerHead['headers'], clock: Clock): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  if (Number.isNaN(at)) return undefined;
  const date = Date.parse(headers.get('date') ?? '');
  return Math.max(0, at - (Number.isNaN(date) ? clock.now() : date));
}

const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const brokenConnection = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT']);

function errorDecision(error: unknown, onceOnly: boolean): RetryDecision {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (typeof code !== 'string') return { retry: false };
  if (neverConnected.has(code)) return { retry: true, unsent: !onceOnly };
  return { retry: brokenConnection.has(code) };
}
