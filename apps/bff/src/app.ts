import type { Authentication } from '@chatapp/service/authenticate';
import { ProblemError, problemResponse } from '@chatapp/service/problem';
import { requestIdOf, type ServiceAppOptions, serviceApp } from '@chatapp/service/service-app';
import { type LoginParts, loginRoutes } from './login/login-routes.ts';
import { type ProxyParts, proxy } from './proxy/proxy.ts';
import { crossSiteRefusal, isCookieRoute } from './session/cross-site.ts';
import { liveSessionsRoute } from './session/live-sessions-route.ts';
import { type SessionRouteParts, sessionRoutes } from './session/session-routes.ts';
import { createHardening } from './web/security-headers.ts';
import { serveWeb, type WebParts } from './web/serve-web.ts';

export type AppParts = Omit<ServiceAppOptions, 'name' | 'about'> &
  LoginParts &
  SessionRouteParts &
  ProxyParts & {
    readonly auth: Authentication;
    readonly web: WebParts;
    readonly publicUrl: string;
    /** Whose pages may use the cookie: exact origins. */
    readonly origins: readonly string[];
    readonly apiDocs: boolean;
  };

/** The BFF's HTTP surface but for the socket upgrade: `fetch`, and `routes` as the table that tests loop over. */
export const createApp = (parts: AppParts) => {
  const app = serviceApp({
    ...parts,
    ownBody: (pathname) => pathname.startsWith('/api/') || pathname === '/bff/backchannel-logout',
    name: 'bff',
    about: 'The only part that a browser talks to: sign-in, sessions, the reverse proxy and the web client.',
  })
    .use(loginRoutes(parts))
    .use(sessionRoutes(parts))
    .use(liveSessionsRoute(parts.auth, parts.sessions))
    .use(proxy(parts))
    .use(serveWeb(parts.web));
  const harden = createHardening(parts.publicUrl);
  return {
    routes: app.routes,
    async fetch(request: Request): Promise<Response> {
      const refusal = refusalOf(request, parts);
      return harden(refusal ? problemResponse(refusal, requestIdOf(request)) : await app.fetch(request));
    },
  };
};

/** What is refused before any route, cookie or token is looked at. */
const refusalOf = (request: Request, { origins, apiDocs }: AppParts): ProblemError | undefined => {
  const { pathname } = new URL(request.url);
  if (!apiDocs && /^\/swagger(\/|$)/.test(pathname)) return new ProblemError('not-found');
  if (!isCookieRoute(request.method, pathname)) return undefined;
  const code = crossSiteRefusal(request.headers, origins);
  return code && new ProblemError(code);
};
