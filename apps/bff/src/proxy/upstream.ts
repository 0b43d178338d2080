import {
  createDestination,
  type Destination,
  defaultOptions,
  type ResilienceEvent,
} from '@chatapp/resilience/destination';
import { BulkheadFullError, CircuitOpenError, DeadlineError } from '@chatapp/resilience/errors';
import { createResilientFetch } from '@chatapp/resilience/http';
import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import type { RequestBody } from './request-body.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** With the query, encoded; begins with one slash. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: RequestBody | undefined;
  /** Aborts when the browser has gone. */
  readonly signal: AbortSignal;
}

export type Upstream = (request: UpstreamRequest) => Promise<Response>;

export interface UpstreamOptions {
  readonly name: string;
  /** The instances; each request goes to the next one, and so does each attempt. */
  readonly urls: readonly string[];
  readonly deadlineMs: number;
  readonly fetch: typeof fetch;
  readonly log: Log;
}

/**
 * Sends requests to the instances of one service under its policies, and answers as soon as the headers are there. GET, HEAD, PUT and DELETE are tried
 * again before the first byte of an answer has been passed on; others only where no connection was made. Throws ProblemError.
 */
export const createUpstream = (options: UpstreamOptions): Upstream => {
  const { name, urls, deadlineMs } = options;
  const onEvent = (event: ResilienceEvent) => {
    if (event.type === 'circuit') options.log.warn({ destination: name, state: event.state }, 'circuit changed');
  };
  const quick = createDestination({ ...defaultOptions, name, deadlineMs, onEvent });
  // A slow but honest upload takes its time: only the whole deadline bounds it.
  const uploads = createDestination({ ...defaultOptions, name, deadlineMs, attemptTimeoutMs: deadlineMs, onEvent });
  let turn = 0;

  return async ({ method, path, headers, body, signal }) => {
    const first = turn++;
    const send = createResilientFetch({
      destination: destinationFor(body, quick, uploads),
      fetch: (url, init) => options.fetch(url, { ...init, ...bodyOf(body), decompress: false } as BunFetchRequestInit),
    });
    try {
      return await send({
        url: (attempt) => addressOf(urls, first + attempt - 1, path),
        init: { method, headers, signal },
        stream: true,
      });
    } catch (error) {
      throw body?.fault ?? translate(error);
    }
  };
};

const destinationFor = (body: RequestBody | undefined, quick: Destination, uploads: Destination): Destination =>
  body === undefined ? quick : uploads;

const bodyOf = (body: RequestBody | undefined) => (body === undefined ? {} : { body: body.open(), duplex: 'half' });

/** By concatenation onto a fixed origin, and a look that it is still that one (security.md, trap 10). */
const addressOf = (urls: readonly string[], turn: number, path: string): string => {
  const base = urls[turn % urls.length] ?? '';
  const address = `${base}${path}`;
  if (new URL(address).origin !== new URL(base).origin) throw new ProblemError('malformed');
  return address;
};

const translate = (error: unknown): ProblemError => {
  if (error instanceof ProblemError) return error;
  if (error instanceof CircuitOpenError || error instanceof BulkheadFullError) {
    return new ProblemError('unavailable', { retryAfterMs: 1000, cause: error });
  }
  if (error instanceof DeadlineError) return new ProblemError('upstream-timeout', { cause: error });
  return new ProblemError('upstream-unreachable', { cause: error });
};
