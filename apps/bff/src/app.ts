import type { Authentication } from '@chatapp/service/authenticate';
import { idleTimeoutSeconds } from '@chatapp/service/lifecycle';
import { counter, labelledCounter } from '@chatapp/service/meters';
import { type ProblemError, problemResponse } from '@chatapp/service/problem';
import type { RouteNames } from '@chatapp/service/route-names';
import { requestIdOf, type ServiceAppOptions, serviceApp } from '@chatapp/service/service-app';
import { createGuard } from './access/guard.ts';
import type { Limits } from './access/limits.ts';
import { urlOf } from './access/request-url.ts';
import { createPolicies, type Policies } from './access/route-policy.ts';
import { ownRoutes, routeTable } from './access/route-table.ts';
import { failureResponse } from './login/failed-login.ts';
import { type LoginParts, loginRoutes } from './login/login-routes.ts';
import { createProxy, type ProxyParts } from './proxy/proxy.ts';
import { endSessionsRoute } from './session/end-sessions-route.ts';
import { liveSessionsRoute } from './session/live-sessions-route.ts';
import { type SessionRouteParts, sessionRoutes } from './session/session-routes.ts';
import { cspReports } from './web/csp-reports.ts';
import { createHardening, securityHeaders } from './web/security-headers.ts';
import { mayBePage, serveWeb, type WebParts } from './web/serve-web.ts';

export type AppParts = Omit<ServiceAppOptions, 'name' | 'about'> &
  LoginParts &
  SessionRouteParts &
  Omit<ProxyParts, 'commonHeaders' | 'harden' | 'noteAnswer'> & {
    readonly auth: Authentication;
    readonly web: WebParts;
    readonly publicUrl: string;
    /** Whose pages may use the cookie: exact origins. */
    readonly origins: readonly string[];
    readonly limits: Limits;
    readonly apiDocs: boolean;
  };

/** The BFF's HTTP surface but for the socket upgrade: `fetch`, and the `routes` and their `policies`, over which tests loop. */
export const createApp = (parts: AppParts) => {
  const { log, metrics } = parts;
  const violations = counter(metrics, 'bff_csp_violations_total', 'Violations of the page policy that browsers told');
  const app = serviceApp({
    ...parts,
    ownBody: (pathname) =>
      pathname.startsWith('/api/') || pathname === '/bff/backchannel-logout' || pathname === '/bff/csp-reports',
    mayBePage,
    ownAudit: true,
    name: 'bff',
    about: 'The only part that a browser talks to: sign-in, sessions, the reverse proxy and the web client.',
  })
    .use(loginRoutes(parts))
    .use(sessionRoutes(parts))
    .use(liveSessionsRoute(parts.auth, parts.sessions))
    .use(endSessionsRoute(parts.auth, parts))
    .use(cspReports({ violations, log }))
    .use(serveWeb(parts.web));
  // A route without a policy does not compile; one whose path is computed keeps the app from starting.
  ownRoutes satisfies Readonly<Record<RouteNames<typeof app>, unknown>>;
  const harden = createHardening(parts.publicUrl);
  const proxy = createProxy({
    ...parts,
    commonHeaders: securityHeaders(parts.publicUrl),
    harden,
    noteAnswer(request, response, { route, seconds }) {
      metrics.observeRequest({ method: request.method, route, status: response.status, seconds });
      guard.noteAnswer(request, response);
    },
  });
  const routes = [...app.routes, ...proxy.routes];
  const policies = createPolicies(routeTable(parts.proxyRoutes), routes);
  const refusals = labelledCounter(metrics, {
    name: 'bff_refusals_total',
    help: 'Requests that were refused',
    label: 'code',
  });
  const guard = createGuard({ ...parts, policies, refusals });

  const ownAnswer = async (request: Request): Promise<Response> => {
    const response = harden(await app.fetch(request));
    guard.noteAnswer(request, response);
    return response;
  };
  const admit = (request: Request, pathname: string): Promise<Response> => {
    const way = proxy.wayOf(pathname);
    return way ? proxy.answer(request, way) : ownAnswer(request);
  };
  const refuse = (request: Request, refusal: ProblemError): Response => {
    const response = refused(request, refusal, policies);
    parts.limits.explain(request, response);
    return harden(response);
  };
  return {
    routes,
    policies,
    /** How long the request's connection may be silent, or its upload take, where a route of the proxy says something else than all connections have; seconds. */
    timeoutSecondsOf(request: Request): number | undefined {
      const way = proxy.wayOf(urlOf(request).pathname);
      if (way === undefined) return undefined;
      const { uploadMs, activityMs } = way.route.timeouts;
      if (request.body !== null) return Math.ceil(uploadMs / 1000);
      const silentSeconds = Math.ceil(activityMs / 1000);
      return silentSeconds === idleTimeoutSeconds ? undefined : silentSeconds;
    },
    fetch(request: Request): Promise<Response> {
      const { pathname } = urlOf(request);
      const looking = guard.refusalOf(request, pathname);
      if (looking === undefined) return admit(request, pathname);
      return looking.then((refusal) => (refusal ? refuse(request, refusal) : admit(request, pathname)));
    },
  };
};

/** People read the refusal of a navigation. */
const refused = (request: Request, refusal: ProblemError, policies: Policies): Response => {
  const { pathname } = urlOf(request);
  const isNavigation = request.method === 'GET' && policies.of('GET', pathname).opens === 'proof';
  return (
    (isNavigation ? failureResponse(request, refusal) : undefined) ?? problemResponse(refusal, requestIdOf(request))
  );
};
