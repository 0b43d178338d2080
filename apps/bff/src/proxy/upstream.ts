import { createDestination, defaultOptions, type ResilienceEvent } from '@chatapp/resilience/destination';
import { BulkheadFullError, CircuitOpenError, DeadlineError } from '@chatapp/resilience/errors';
import { createResilientFetch } from '@chatapp/resilience/http';
import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import type { Cluster, Instance } from './cluster.ts';
import { connectWithin } from './connect.ts';
import type { RequestBody } from './request-body.ts';
import type { ProxyRoute } from './routes.ts';

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
  readonly route: ProxyRoute;
  readonly cluster: Cluster;
  readonly deadlineMs: number;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly log: Log;
}

/** Who answered anything within this time is there: no connection is tried first. */
const heardOfMs = 3000;

/**
 * Sends the requests of one route to the instances of its service under its policies, and answers as soon as the headers are there. What may be repeated
 * is tried again at another instance before the first byte of an answer has been passed on; the rest only where no connection was made. Throws ProblemError.
 */
export const createUpstream = (options: UpstreamOptions): Upstream => {
  const { route, cluster, deadlineMs, now } = options;
  const { firstByteMs, connectMs, uploadMs } = route.timeouts;
  const onEvent = (event: ResilienceEvent) => {
    if (event.type === 'circuit')
      options.log.warn({ destination: route.prefix, member: event.member, state: event.state }, 'circuit changed');
  };
  const policies = { ...defaultOptions, name: cluster.name, onEvent };
  const quick = createDestination({ ...policies, deadlineMs, attemptTimeoutMs: firstByteMs });
  // An upload takes the time that it takes; the time for the answer begins when it is there.
  const uploadsMs = uploadMs + deadlineMs;
  const uploads = createDestination({ ...policies, deadlineMs: uploadsMs, attemptTimeoutMs: uploadsMs });

  const connecting = new Map<Instance, Promise<void>>();
  /** Tries a connection where nothing was heard of an instance lately; one for all who wait. */
  const reach = (instance: Instance): Promise<void> => {
    if (now() - instance.answeredAt <= heardOfMs) return Promise.resolve();
    const trying = connecting.get(instance);
    if (trying) return trying;
    const attempt = connectWithin(instance.url, connectMs).finally(() => connecting.delete(instance));
    connecting.set(instance, attempt);
    return attempt;
  };

  const attempt = async (request: UpstreamRequest, url: string, init: RequestInit): Promise<Response> => {
    const instance = cluster.at(url);
    if (instance === undefined) throw new ProblemError('upstream-unreachable');
    const end = instance.begin();
    try {
      await reach(instance);
      const answer = await options.fetch(addressOf(instance.url, instance.origin, request.path), {
        ...init,
        ...bodyOf(request.body),
        decompress: false,
      } as BunFetchRequestInit);
      end(answer.status >= 502 && answer.status <= 504 ? 'failed' : 'ok');
      return answer;
    } catch (error) {
      end(request.signal.aborted || request.body?.fault ? 'unknown' : wasRefused(error) ? 'refused' : 'failed');
      throw error;
    }
  };

  return async (request) => {
    const { method, headers, body, signal } = request;
    const answerTime = body && answerTimeOf(body, deadlineMs, cluster.name);
    const send = createResilientFetch({
      destination: body === undefined ? quick : uploads,
      fetch: (url, init) => attempt(request, url, init),
    });
    try {
      return await send({
        url: { pick: cluster.pick, of: (url) => url },
        init: { method, headers, signal: answerTime ? AbortSignal.any([signal, answerTime.signal]) : signal },
        ...(route.retry === 'never' ? { idempotent: false } : {}),
        stream: true,
      });
    } catch (error) {
      throw body?.fault ?? translate(answerTime?.signal.aborted ? answerTime.signal.reason : error);
    } finally {
      answerTime?.stop();
    }
  };
};

/** Aborts when the whole upload was followed by no answer for `deadlineMs`. */
const answerTimeOf = (body: RequestBody, deadlineMs: number, name: string) => {
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  body.ended.then(() => {
    if (!stopped) timer = setTimeout(() => late.abort(new DeadlineError(name, 'call')), deadlineMs);
  });
  return {
    signal: late.signal,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
};

const wasRefused = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'ConnectionRefused'].includes(String(error.code));

const bodyOf = (body: RequestBody | undefined) => (body === undefined ? {} : { body: body.open(), duplex: 'half' });

/** By concatenation onto a fixed origin, and a look that it is still that one (security.md, trap 10). */
const addressOf = (base: string, origin: string, path: string): string => {
  const address = `${base}${path}`;
  if (new URL(address).origin !== origin) throw new ProblemError('malformed');
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
