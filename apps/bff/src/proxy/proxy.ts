import { serviceAudience } from '@chatapp/contract/scopes';
import type { Log } from '@chatapp/service/log';
import type { MachineTokens } from '@chatapp/service/machine-token';
import { ProblemError } from '@chatapp/service/problem';
import { problemAnswer, requestIdOf } from '@chatapp/service/service-app';
import type { Limits } from '../access/limits.ts';
import { urlOf } from '../access/request-url.ts';
import type { AccessTokens } from '../session/access-token.ts';
import type { LiveSession } from '../session/sessions.ts';
import {
  optionalSessionOf,
  presentSessionOf,
  recentSessionOf,
  type SessionParts,
  sessionOf,
} from '../session/signed-in.ts';
import { browserGone } from './browser-gone.ts';
import { requestFields, setResponseFields, traceparentOf } from './headers.ts';
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
  /** Told of every answer, with the pattern of its way. */
  readonly noteAnswer: (
    request: Request,
    response: Response,
    seen: { readonly route: string; readonly seconds: number },
  ) => void;
  readonly log: Log;
}

interface ForwardParts extends ProxyParts {
  readonly common: Headers;
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
export const createProxy = (given: ProxyParts) => {
  const parts: ForwardParts = { ...given, common: new Headers(given.commonHeaders) };
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
      let response: Response;
      try {
        response = await forward(request, way, parts);
      } catch (error) {
        response = parts.harden(problemAnswer(error, { request, path: urlOf(request).pathname, log: parts.log }));
      }
      const seconds = (performance.now() - startedAt) / 1000;
      parts.noteAnswer(request, response, { route: way.pattern, seconds });
      return response;
    },
  };
};

/** Methods that may be sent twice and change something. */
const changesAndRepeats: ReadonlySet<string> = new Set(['PUT', 'DELETE']);

const forward = async (request: Request, { route, upstream }: ProxyWay, parts: ForwardParts): Promise<Response> => {
  const { method, headers } = request;
  if (!route.methods.includes(method)) throw new ProblemError('method-not-allowed');
  const { pathname, search } = urlOf(request);
  const target = upstreamPath(pathname.slice(route.prefix.length));
  if ('refusal' in target) throw new ProblemError(target.refusal);
  const recent = isForPeople(route) ? recentSessionOf(request, parts) : undefined;
  if (recent?.counted) await recent.counted;
  const begun = recent ? recent.live : await callerOf(request, route, parts);
  const counted = parts.limits.ofRoute(request, route.prefix, begun?.sid);
  if (counted) await counted;
  const requestId = requestIdOf(request);
  const signal = browserGone(request);
  try {
    const body = request.body === null ? undefined : await bodyOf(request, request.body, route);
    // A body may drip for half a minute: a session that ended meanwhile writes nothing any more.
    const live = begun && body ? await presentSessionOf(request, parts) : begun;
    const present = live ? parts.accessTokens.of(live, request) : machineTokenOf(route, parts);
    const token = present instanceof Promise ? await present : present;
    const own = {
      requestId,
      traceparent: traceparentOf(headers),
      // A service that got it twice would take the second for a new command, perhaps after a newer one.
      idempotencyKey: changesAndRepeats.has(method) ? crypto.randomUUID() : undefined,
    };
    const ask = (accessToken: string | undefined) =>
      upstream({
        method,
        path: `${target.path}${search}`,
        headers: requestFields(headers, own, accessToken),
        body,
        signal,
      });
    let answer = await ask(token);
    if (answer.status === 401 && token !== undefined) {
      discard(answer);
      const other = await otherThan(token, live && { live, request }, route, parts);
      if (other !== token) answer = await ask(other);
    }
    if (live && answer.status < 300 && route.endsAccount === `${method} ${target.path}`)
      await parts.sessions.endOthers(live, request);
    return passOn(answer, { common: parts.common, requestId });
  } catch (error) {
    // The browser has gone: nobody reads this answer, and nothing is wrong.
    if (signal.aborted) return new Response(null, { status: 499 });
    throw error;
  }
};

const isForPeople = ({ token }: ProxyRoute): boolean => token === 'user' || token === 'user-or-machine';

/** The session of who asks; none where the route does not care. The request is counted by it, or by its address. */
const callerOf = async (
  request: Request,
  { token }: ProxyRoute,
  parts: ProxyParts,
): Promise<LiveSession | undefined> => {
  switch (token) {
    case 'user':
      return await sessionOf(request, parts);
    case 'user-or-machine':
      return await optionalSessionOf(request, parts);
    case 'machine':
    case 'none':
      await parts.limits.ofAddress(request);
      return undefined;
    default:
      return token satisfies never;
  }
};

const machineTokenOf = (
  { token, service, scopes = [] }: ProxyRoute,
  { machineTokens }: ProxyParts,
): Promise<string> | undefined => {
  if (token === 'none') return undefined;
  return machineTokens.get(serviceAudience(service), scopes).catch((cause) => {
    throw new ProblemError('unavailable', { retryAfterMs: 5000, cause });
  });
};

/**
 * A token that a service does not accept before its end, as when the issuer withdrew its key, is replaced once; the same where there is no other. Nothing was
 * done for the first one, so to ask again is no repetition, whatever the method.
 */
const otherThan = async (
  refused: string,
  caller: { readonly live: LiveSession; readonly request: Request } | undefined,
  route: ProxyRoute,
  parts: ProxyParts,
): Promise<string | undefined> => {
  if (caller) return await parts.accessTokens.inPlaceOf(refused, caller.live, caller.request);
  parts.machineTokens.drop(refused);
  return await machineTokenOf(route, parts);
};

const bodyOf = async (
  { headers }: Request,
  source: ReadableStream<Uint8Array>,
  { bodyBytesMax }: ProxyRoute,
): Promise<RequestBody> => {
  if (Number(headers.get('content-length') ?? 0) > bodyBytesMax) throw new ProblemError('too-large');
  // What the service would unpack could not be counted here.
  if (headers.has('content-encoding')) throw new ProblemError('media-type');
  return await receiveBody(source, bodyBytesMax);
};

/** Services do not redirect: following one would take the token elsewhere, passing it on would take the person there. */
const passOn = (
  answer: Answer,
  { common, requestId }: { readonly common: Headers; readonly requestId: string },
): Response => {
  const { status, headers, body } = answer;
  if (status >= 300 && status < 400 && status !== 304) {
    discard(answer);
    throw new ProblemError('upstream-unreachable', { detail: 'A service answered with a redirect.' });
  }
  if (status === 401) {
    discard(answer);
    throw new ProblemError('upstream-unreachable', { detail: 'A service did not accept the access token.' });
  }
  // The whole of them at once, then what differs: to make them of names and values costs three times as much.
  const response = new Response(body, { status, headers: common });
  response.headers.set('x-request-id', requestId);
  // Of bytes the runtime tells the length itself.
  setResponseFields(response.headers, headers, { withLength: !(body instanceof Uint8Array) });
  return response;
};
