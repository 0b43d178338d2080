import { serviceAudience } from '@chatapp/contract/scopes';
import type { MachineTokens } from '@chatapp/service/machine-token';
import { ProblemError } from '@chatapp/service/problem';
import { requestIdOf } from '@chatapp/service/service-app';
import { Elysia } from 'elysia';
import type { Limits } from '../access/limits.ts';
import { urlOf } from '../access/request-url.ts';
import type { AccessTokens } from '../session/access-token.ts';
import type { LiveSession } from '../session/sessions.ts';
import { optionalSessionOf, type SessionParts, sessionOf } from '../session/signed-in.ts';
import { requestHeaders, responseHeaders, traceparentOf } from './headers.ts';
import { upstreamPath } from './path.ts';
import { type RequestBody, streamBody } from './request-body.ts';
import type { ProxyRoute } from './routes.ts';
import type { Upstream } from './upstream.ts';

export interface ProxyParts extends SessionParts {
  readonly accessTokens: AccessTokens;
  /** This app's own tokens. */
  readonly machineTokens: Pick<MachineTokens, 'get'>;
  readonly proxyRoutes: readonly ProxyRoute[];
  readonly upstreamOf: (route: ProxyRoute) => Upstream;
  readonly limits: Pick<Limits, 'ofSession' | 'ofAddress' | 'ofRoute'>;
}

/** The reverse proxy: what is in the table goes to its service with an access token in place of the cookie. */
export const proxy = (parts: ProxyParts) => {
  const app = new Elysia();
  for (const route of parts.proxyRoutes) {
    const path = `${route.prefix}/*`;
    const detail = { tags: ['proxy'], summary: `To the ${route.service} service, as the signed-in person.` };
    const upstream = parts.upstreamOf(route);
    // Each method by name: where another route takes a method on a wider path, that one goes before `all`.
    for (const method of route.methods)
      app.route(method, path, ({ request }) => forward(request, { route, upstream }, parts), { detail });
    app.all(path, () => notAllowed(), { detail: { hide: true } });
  }
  return app;
};

const notAllowed = (): never => {
  throw new ProblemError('method-not-allowed');
};

const forward = async (
  request: Request,
  { route, upstream }: { route: ProxyRoute; upstream: Upstream },
  parts: ProxyParts,
): Promise<Response> => {
  const { pathname, search } = urlOf(request);
  const target = upstreamPath(pathname.slice(route.prefix.length));
  if ('refusal' in target) throw new ProblemError(target.refusal);
  const live = await callerOf(request, route, parts);
  await parts.limits.ofRoute(request, route.prefix, live?.sid);
  const body = bodyOf(request, route);
  const accessToken = await tokenOf(live, route, parts);

  const requestId = requestIdOf(request);
  const own = { accessToken, requestId, traceparent: traceparentOf(request.headers) };
  const headers = requestHeaders(request.headers, own);
  const { method, signal } = request;
  try {
    const answer = await upstream({ method, path: `${target.path}${search}`, headers, body, signal });
    if (live && answer.ok && route.endsAccount === `${method} ${target.path}`)
      await parts.sessions.endOthers(live, request);
    return passOn(answer, requestId);
  } catch (error) {
    // The browser has gone: nobody reads this answer, and nothing is wrong.
    if (signal.aborted) return new Response(null, { status: 499 });
    throw error;
  }
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

const tokenOf = async (
  live: LiveSession | undefined,
  { token, service, scopes = [] }: ProxyRoute,
  { accessTokens, machineTokens }: ProxyParts,
): Promise<string | undefined> => {
  if (live !== undefined) return await accessTokens(live);
  if (token === 'none') return undefined;
  return await machineTokens.get(serviceAudience(service), scopes).catch((cause) => {
    throw new ProblemError('unavailable', { retryAfterMs: 5000, cause });
  });
};

const bodyOf = (request: Request, { bodyBytesMax }: ProxyRoute): RequestBody | undefined => {
  if (request.body === null) return undefined;
  if (Number(request.headers.get('content-length') ?? 0) > bodyBytesMax) throw new ProblemError('too-large');
  // What the service would unpack could not be counted here.
  if (request.headers.has('content-encoding')) throw new ProblemError('media-type');
  return streamBody(request.body, bodyBytesMax);
};

/** Services do not redirect: following one would take the token elsewhere, passing it on would take the person there. */
const passOn = (answer: Response, requestId: string): Response => {
  const { status, headers } = answer;
  if (status >= 300 && status < 400 && status !== 304) {
    answer.body?.cancel().catch(() => undefined);
    throw new ProblemError('upstream-unreachable', { detail: 'A service answered with a redirect.' });
  }
  if (status === 401) {
    answer.body?.cancel().catch(() => undefined);
    throw new ProblemError('upstream-unreachable', { detail: 'A service did not accept the access token.' });
  }
  return new Response(answer.body, { status, headers: responseHeaders(headers, requestId) });
};
