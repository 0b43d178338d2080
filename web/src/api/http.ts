import type { PageUserHeader } from '@chatapp/contract/http-bff';
import type { Problem, ProblemCode } from '@chatapp/contract/problem';
import type { Clock } from '../realtime/clock.ts';
import { ApiError, isTemporary } from './api-error.ts';

export type HttpParts = {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  clock: Clock;
  random: () => number;
  /** Asks anew who is signed in, after a 401 to somebody's page. Until that is known, no request of anybody's page leaves it. */
  onSignedOut: () => Promise<void>;
};
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type RequestOptions = {
  body?: object;
  /** In place of JSON: a file, sent as its own type. */
  file?: Blob;
  /** What the answer is: JSON, or a file as it comes. */
  answer?: 'json' | 'file';
  /** The command's `clientId`: a repeat under it changes nothing. */
  idempotencyKey?: string;
  /** Whose page asks. The BFF answers 401 where the browser's cookie is somebody else's by now. */
  userId?: string;
};
export type Http = ReturnType<typeof createHttp>;

const timeoutMs = 12_000;
const triesOfGet = 3;
const retryBaseMs = 400;

/** All HTTP of the client: the CSRF header, JSON, problem codes as `ApiError`, a time limit, and retries of what only reads. */
export const createHttp = ({ fetch, clock, random, onSignedOut }: HttpParts) => {
  const once = async (
    method: Method,
    path: string,
    { body, file, idempotencyKey, answer, userId }: RequestOptions,
  ): Promise<unknown> => {
    const abort = new AbortController();
    const cancelTimer = clock.after(timeoutMs, () => abort.abort());
    try {
      const response = await fetch(path, {
        method,
        headers: {
          'X-CSRF': '1',
          ...(userId && ({ 'Page-User': userId } satisfies Record<PageUserHeader, string>)),
          Accept: answer === 'file' ? '*/*' : 'application/json, application/problem+json',
          ...(body && { 'Content-Type': 'application/json' }),
          ...(file && { 'Content-Type': file.type }),
          ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
        },
        ...(body && { body: JSON.stringify(body) }),
        ...(file && { body: file }),
        credentials: 'same-origin',
        redirect: 'error',
        signal: abort.signal,
      });
      if (!response.ok) throw await problemOf(response);
      if (answer === 'file') return await response.blob();
      return response.status === 204 ? undefined : await response.json();
    } catch (cause) {
      if (cause instanceof ApiError) throw cause;
      throw new ApiError(abort.signal.aborted ? 'timeout' : 'offline', 0, { cause });
    } finally {
      cancelTimer();
    }
  };

  const waitMs = (attempt: number, retryAfterMs: number | undefined) =>
    (retryAfterMs ?? 0) + random() * retryBaseMs * 2 ** attempt;

  let isAsked = false;
  /** The question itself is of nobody's page: its own 401 asks nothing. */
  const askWhoIsSignedIn = () => {
    if (isAsked) return;
    isAsked = true;
    void onSignedOut().finally(() => {
      isAsked = false;
    });
  };

  /** Sends one request and answers its JSON, or its file. Throws `ApiError`. */
  const request = async <T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> => {
    const tries = method === 'GET' ? triesOfGet : 1;
    const isSomebodys = options.userId !== undefined;
    for (let attempt = 0; ; attempt++) {
      if (isSomebodys && isAsked) throw new ApiError('signed-out', 401);
      try {
        return (await once(method, path, options)) as T;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (isSomebodys && error.status === 401) askWhoIsSignedIn();
        if (attempt + 1 >= tries || !isTemporary(error.code)) throw error;
        const { promise, resolve } = Promise.withResolvers<void>();
        clock.after(waitMs(attempt, error.retryAfterMs), resolve);
        await promise;
      }
    }
  };
  return { request };
};

/** The requests of one person's page. They stay that person's, however late they are sent. */
export const ofPerson = ({ request }: Http, userId: string): Http => ({
  request: (method, path, options) => request(method, path, { ...options, userId }),
});

const problemOf = async (response: Response): Promise<ApiError> => {
  const answer = (await response.json().catch(() => undefined)) as Partial<Problem> | null | undefined;
  const problem = answer?.type === `urn:chatapp:problem:${answer?.code}` ? answer : undefined;
  return new ApiError(problem?.code ?? codeOfStatus(response.status), response.status, {
    retryAfterMs: problem?.retryAfterMs,
    fields: problem?.errors,
  });
};

/**
 * An answer that is none of ours, of a proxy in between for example. It never says `internal`: the server did not fail at this request, it
 * was not reached, or too late.
 */
const codeOfStatus = (status: number): ProblemCode => {
  if (status === 401) return 'signed-out';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  if (status === 502) return 'upstream-unreachable';
  if (status === 504) return 'upstream-timeout';
  return status >= 500 ? 'unavailable' : 'malformed';
};
