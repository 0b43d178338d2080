import { serviceAudience } from '@chatapp/contract/scopes';
import type { Log } from '@chatapp/service/log';
import type { MachineTokens } from '@chatapp/service/machine-token';
import type { Metrics } from '@chatapp/service/metrics';
import { ProblemError } from '@chatapp/service/problem';
import { problemAnswer, requestIdOf } from '@chatapp/service/service-app';
import type { Limits } from '../access/limits.ts';
import { urlOf } from '../access/request-url.ts';
import type { AccessTokens } from '../session/access-token.ts';
import type { LiveSession } from '../session/sessions.ts';
import { optionalSessionOf, presentSessionOf, type SessionParts, sessionOf } from '../session/signed-in.ts';
import { requestFields, responseFields, traceparentOf } from './headers.ts';
import type { Answer } from './http1/connection.ts';
import { upstreamPath } from './path.ts';
import { type RequestBody, receiveBody } from './request-body.ts';
import type { ProxyRoute } from './routes.ts';
import { discard, type Upstream } from './upstream.ts';

export interface ProxyParts extends SessionParts {
  readonly accessTokens: AccessTokens;
  /** This app's own tokens. */
  readonly machineTokens: MachineTokens;
  readonly proxyRoutes: readonly ProxyRoute[];
  readonly upstreamOf: (route: ProxyRoute) => Upstream;
  readonly limits: Pick<Limits, 'ofSession' | 'ofAddress' | 'ofRoute'>;
  /** Headers of every answer, and who adds them to one that was made elsewhere. */
  readonly commonHeaders: Readonly<Record<string, string>>;
  readonly harden: (response: Response) => Response;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A route with the way to its service; `pattern` as routers write it. */
export interface ProxyWay {
  readonly route: ProxyRoute;
  readonly pattern: string;
  readonly upstream: Upstream;
}

/**
 * The reverse proxy: what is in the table goes to its service with an access token in place of the cookie. It stands beside the framework's router: most
 * requests are its own, and need nothing of one.
 */
export const createProxy = (parts: ProxyParts) => {
  const ways = parts.proxyRoutes.map((route): ProxyWay & { readonly start: string } => ({
    ...{ route, start: `${route.prefix}/`, pattern: `${route.prefix}/*` },
    upstream: parts.upstreamOf(route),
  }));
  return {
    /** `ALL` is the answer to every other method. */
    routes: ways.flatMap(({ route, pattern }) =>
      [...route.methods, 'ALL'].map((method) => ({ method, path: pattern })),
    ),
    wayOf: (pathname: string): ProxyWay | undefined => ways.find(({ start }) => pathname.startsWith(start)),
    async answer(request: Request, way: ProxyWay): Promise<Response> {
      const startedAt = performance.now();
      const response = await forward(request, way, parts).catch((error) =>
        parts.harden(problemAnswer(error, { request, path: urlOf(request).pathname, log: parts.log })),
      );
      const seconds = (performance.now() - startedAt) / 1000;
      parts.metrics.observeRequest({ method: request.method, route: way.pattern, status: response.status, seconds });
      return response;
    },
  };
};

/** Methods that may be sent twice and change something. */
const changesAndRepeats: ReadonlySet<string> = new Set(['PUT', 'DELETE']);

const forward = async (request: Request, { route, upstream }: ProxyWay, parts: ProxyParts): Promise<Response> => {
  if (!route.methods.includes(request.method)) throw new ProblemError('method-not-allowed');
  const { pathname, search } = urlOf(request);
  const target = upstreamPath(pathname.slice(route.prefix.length));
  if ('refusal' in target) throw new ProblemError(target.refusal);
  const begun = await callerOf(request, route, parts);
  await parts.limits.ofRoute(request, route.prefix, begun?.sid);
  const requestId = requestIdOf(request);
  const { method, signal } = request;
  try {
    const body = await bodyOf(request, route);
    // A body may drip for half a minute: a session that ended meanwhile writes nothing any more.
    const live = begun && body ? await presentSessionOf(request, parts) : begun;
    const caller = live && { live, request };
    const bearer = await bearerOf(caller, route, parts);
    const traceparent = traceparentOf(request.headers);
    // A service that got it twice would take the second for a new command, perhaps after a newer one.
    const idempotencyKey = changesAndRepeats.has(method) ? crypto.randomUUID() : undefined;
    const ask = (token: string | undefined) => {
      const headers = requestFields(request.headers, { accessToken: token, requestId, traceparent, idempotencyKey });
      return upstream({ method, path: `${target.path}${search}`, headers, body, signal });
    };
    const answer = await askWith(bearer, ask);
    if (live && answer.status < 300 && route.endsAccount === `${method} ${target.path}`)
      await parts.sessions.endOthers(live, request);
    return passOn(answer, { common: parts.commonHeaders, requestId });
  } catch (error) {
    // The browser has gone: nobody reads this answer, and nothing is wrong.
    if (signal.aborted) return new Response(null, { status: 499 });
    throw error;
  }
};

/** Who is signed in, and what they ask. */
interface Caller {
  readonly live: LiveSession;
  readonly request: Request;
}

/** The access token that goes along, and how to get another one where a service does not accept it. */
interface Bearer {
  readonly accessToken: string;
  readonly other: () => Promise<string>;
}

/**
 * A token that a service does not accept before its end, as when the issuer withdrew its key, is replaced once. Nothing was done for the first one, so
 * this is no repetition, whatever the method.
 */
const askWith = async (
  bearer: Bearer | undefined,
  ask: (accessToken: string | undefined) => Promise<Answer>,
): Promise<Answer> => {
  const answer = await ask(bearer?.accessToken);
  if (answer.status !== 401 || bearer === undefined) return answer;
  discard(answer);
  const other = await bearer.other();
  return other === bearer.accessToken ? answer : await ask(other);
};

/** The session of who asks; none where the route does not care. The request is counted by it, or by its address. */
const callerOf = async (
  request: Request,
  { token }: ProxyRoute,
  parts: ProxyParts,
): Promise<LiveSession | undefined> => {
  switch (token) {
    case 'user':
      return await sessionOf(request, parts, { recent: true });
    case 'user-or-machine':
      return await optionalSessionOf(request, parts, { recent: true });
    case 'machine':
    case 'none':
      await parts.limits.ofAddress(request);
      return undefined;
    default:
      return token satisfies never;
  }
};

const bearerOf = async (
  caller: Caller | undefined,
  { token, service, scopes = [] }: ProxyRoute,
  { accessTokens, machineTokens }: ProxyParts,
): Promise<Bearer | undefined> => {
  if (caller !== undefined) {
    const { live, request } = caller;
    const accessToken = await accessTokens.of(live, request);
    return { accessToken, other: () => accessTokens.inPlaceOf(accessToken, live, request) };
  }
  if (token === 'none') return undefined;
  const own = () =>
    machineTokens.get(serviceAudience(service), scopes).catch((cause) => {
      throw new ProblemError('unavailable', { retryAfterMs: 5000, cause });
    });
  const accessToken = await own();
  const other = () => {
    machineTokens.drop(accessToken);
    return own();
  };
  return { accessToken, other };
};

const bodyOf = async (request: Request, { bodyBytesMax }: ProxyRoute): Promise<RequestBody | undefined> => {
  if (request.body === null) return undefined;
  if (Number(request.headers.get('content-length') ?? 0) > bodyBytesMax) throw new ProblemError('too-large');
  // What the service would unpack could not be counted here.
  if (request.headers.has('content-encoding')) throw new ProblemError('media-type');
  return await receiveBody(request.body, bodyBytesMax);
};

/** Services do not redirect: following one would take the token elsewhere, passing it on would take the person there. */
const passOn = (answer: Answer, own: Parameters<typeof responseFields>[1]): Response => {
  const { status, headers, body } = answer;
  if (status >= 300 && status < 400 && status !== 304) {
    discard(answer);
    throw new ProblemError('upstream-unreachable', { detail: 'A service answered with a redirect.' });
  }
  if (status === 401) {
    discard(answer);
    throw new ProblemError('upstream-unreachable', { detail: 'A service did not accept the access token.' });
  }
  return new Response(body, { status, headers: responseFields(headers, own) });
};
