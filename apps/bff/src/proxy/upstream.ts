import {
  type AttemptContext,
  createDestination,
  defaultOptions,
  type ResilienceEvent,
  type RetryDecision,
} from '@chatapp/resilience/destination';
import { BulkheadFullError, CircuitOpenError, DeadlineError } from '@chatapp/resilience/errors';
import { cancelBody, idempotentMethods, retryOf } from '@chatapp/resilience/http';
import type { Outcome } from '@chatapp/resilience/repeat';
import type { Signal } from '@chatapp/resilience/signal';
import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import type { Cluster, Instance } from './cluster.ts';
import { connectWithin } from './connect.ts';
import { type Fields, pairsOf, questionOf } from './headers.ts';
import type { Answer } from './http1/connection.ts';
import { type Connections, createConnections } from './http1/connections.ts';
import type { BodyStream, RequestBody } from './request-body.ts';
import type { ProxyRoute } from './routes.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** With the query, encoded; begins with one slash. */
  readonly path: string;
  readonly headers: Fields;
  readonly body: RequestBody | undefined;
  /** Aborts when the browser has gone. */
  readonly signal: Signal;
}

export type Upstream = (request: UpstreamRequest) => Promise<Answer>;

export interface UpstreamOptions {
  readonly route: ProxyRoute;
  readonly cluster: Cluster;
  readonly deadlineMs: number;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly log: Log;
}

/** Nearly every answer is there before anybody could go. */
const unwatchedMs = 50;
/** Who answered anything within this time is there; else a connection is tried first. */
const heardOfMs = 3000;

/**
 * Sends the requests of one route to the instances of its service under its policies, and answers as soon as the headers are there. What may be repeated
 * is tried again at another instance before the first byte of an answer has been passed on; the rest only where no connection was made. Throws ProblemError.
 */
export const createUpstream = (options: UpstreamOptions): Upstream => {
  const { route, cluster, deadlineMs, now } = options;
  const { firstByteMs, onceMs, connectMs, uploadMs } = route.timeouts;
  const mayRepeat = (method: string) => route.retry === 'idempotent' && idempotentMethods.has(method);
  const answerMsOf = (method: string) => (mayRepeat(method) ? firstByteMs : onceMs);
  // `fetch` itself sends what is idempotent again where the service closed the kept connection that it took.
  const keepalive = route.retry !== 'never';
  const onEvent = (event: ResilienceEvent) => {
    if (event.type === 'circuit')
      options.log.warn({ destination: route.prefix, member: event.member, state: event.state }, 'circuit changed');
  };
  const policies = { ...defaultOptions, name: cluster.name, onEvent };
  const quick = createDestination({ ...policies, deadlineMs, attemptTimeoutMs: firstByteMs });
  // What streams takes the time that it takes, and keeps its place as long; the time for the answer begins when all of it is there.
  const streamsMs = uploadMs + deadlineMs;
  const streams = createDestination({ ...policies, deadlineMs: streamsMs, attemptTimeoutMs: streamsMs });

  const connecting = new Map<Instance, Promise<void>>();
  /** Tries a connection; one for all who wait. */
  const reach = (instance: Instance): Promise<void> => {
    const trying = connecting.get(instance);
    if (trying) return trying;
    const attempt = connectWithin(instance.url, connectMs).finally(() => connecting.delete(instance));
    connecting.set(instance, attempt);
    return attempt;
  };

  const connections = new WeakMap<Instance, Connections>();
  /** Our own way to an instance: for what may be sent twice and has no body, over plain TCP. All else goes by `fetch`. */
  const shortWayTo = (instance: Instance, { method, body }: UpstreamRequest): Connections | undefined => {
    if ((method !== 'GET' && method !== 'HEAD') || body !== undefined || route.retry === 'never') return undefined;
    if (instance.url !== instance.origin || !instance.url.startsWith('http:')) return undefined;
    const known = connections.get(instance);
    if (known !== undefined) return known;
    const made = createConnections(instance.origin, now);
    connections.set(instance, made);
    return made;
  };

  const send = (request: UpstreamRequest, instance: Instance, context: AttemptContext): Promise<Answer> => {
    const shortWay = shortWayTo(instance, request);
    if (shortWay !== undefined) return shortWay.ask(questionOf(request, instance.origin), context.ending);
    const answerMs = answerMsOf(request.method);
    return byFetch(options.fetch, request, instance, { signal: context.signal, answerMs, keepalive });
  };

  // No function that awaits: nearly every request waits here for one thing only, and each such function costs it three objects and a turn of the queue.
  const attempt = (request: UpstreamRequest, context: AttemptContext): Promise<Answer> => {
    const { body } = request;
    const instance = cluster.at(context.member);
    if (instance === undefined) throw new ProblemError('upstream-unreachable');
    // A stream's time begins at its end, which never comes where nobody takes it.
    const isUnsure = body?.kind === 'stream' || now() - instance.answeredAt > heardOfMs;
    const answering = isUnsure
      ? reach(instance).then(() => send(request, instance, context))
      : send(request, instance, context);
    const end = instance.begin();
    return answering.then(
      (answer) => {
        end(answer.status >= 502 && answer.status <= 504 ? 'failed' : 'ok');
        return answer;
      },
      (error: unknown) => {
        // What we refuse ourselves says nothing about the instance, either.
        const isOurs = request.signal.aborted || faultOf(body) !== undefined || error instanceof ProblemError;
        end(isOurs ? 'unknown' : wasRefused(error) ? 'refused' : 'failed');
        throw error;
      },
    );
  };

  return (request) => {
    const { method, body, signal } = request;
    const destination = body?.kind === 'stream' ? streams : quick;
    const calling = destination.call<Answer>((context) => attempt(request, context), {
      // A body can be sent again.
      idempotent: mayRepeat(method),
      attemptTimeoutMs: body?.kind === 'stream' ? undefined : answerMsOf(method),
      retryable: retryDecision,
      pick: cluster.pick,
      signal,
      discard,
      lasts: streamsOn,
      unwatchedMs,
    });
    return calling.catch((error) => {
      throw faultOf(body) ?? translate(error);
    });
  };
};

const faultOf = (body: RequestBody | undefined): ProblemError | undefined =>
  body?.kind === 'stream' ? body.fault : undefined;

const retryDecision = (outcome: Outcome<Answer>): RetryDecision => retryOf(outcome, { onceOnly: false });

const streamsOn = ({ body }: Answer): boolean => body instanceof ReadableStream;

/** Lets an answer go that nobody will get. */
export const discard = ({ body }: Answer): void => {
  if (body instanceof ReadableStream) cancelBody(body);
};

const byFetch = async (
  fetch: UpstreamOptions['fetch'],
  { method, path, headers, body }: UpstreamRequest,
  { url, origin }: Instance,
  {
    signal,
    answerMs,
    keepalive,
  }: { readonly signal: AbortSignal; readonly answerMs: number; readonly keepalive: boolean },
): Promise<Response> => {
  const address = addressOf(url, origin, path);
  const ask = (more: { readonly signal: AbortSignal; readonly body?: BodyInit; readonly duplex?: 'half' }) =>
    fetch(address, {
      ...{ method, headers: pairsOf(headers), redirect: 'manual', decompress: false, keepalive },
      ...more,
    } as BunFetchRequestInit);
  if (body === undefined) return await ask({ signal });
  if (body.kind === 'whole') return await ask({ signal, body: body.bytes });
  const answerTime = answerTimeOf(body, answerMs, origin);
  try {
    return await ask({ signal: AbortSignal.any([signal, answerTime.signal]), body: body.open(), duplex: 'half' });
  } catch (error) {
    throw answerTime.signal.aborted ? answerTime.signal.reason : error;
  } finally {
    answerTime.stop();
  }
};

/** Aborts when all of a stream was there and no answer came for `ms`. */
const answerTimeOf = ({ ended }: BodyStream, ms: number, name: string) => {
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  ended.then(() => {
    if (!stopped) timer = setTimeout(() => late.abort(new DeadlineError(name, 'attempt')), ms);
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
