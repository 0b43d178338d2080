import type { ProxyRoute } from '../proxy/routes.ts';
import type { RoutePolicy } from './route-policy.ts';

const anybody = (path: string, method = 'GET'): RoutePolicy => ({ method, path, opens: 'anybody', limit: 'none' });
const session = (method: string, path: string): RoutePolicy => ({ method, path, opens: 'session', limit: 'none' });
const machine = (method: string, path: string): RoutePolicy => ({ method, path, opens: 'machine', limit: 'address' });

const ownRoutes: readonly RoutePolicy[] = [
  anybody('/health/live'),
  anybody('/health/ready'),
  // To this machine only: edge.ts.
  anybody('/metrics'),
  anybody('/swagger'),
  anybody('/swagger/json'),
  anybody('/swagger/assets/init.js'),
  anybody('/swagger/assets/:file'),
  { method: 'GET', path: '/bff/login', opens: 'proof', limit: 'sign-in' },
  { method: 'GET', path: '/bff/callback', opens: 'proof', limit: 'address' },
  { method: 'GET', path: '/bff/callback/:issuer', opens: 'proof', limit: 'address' },
  { method: 'GET', path: '/bff/logout', opens: 'proof', limit: 'address' },
  { method: 'POST', path: '/bff/backchannel-logout', opens: 'proof', limit: 'address' },
  { method: 'POST', path: '/bff/csp-reports', opens: 'anybody', limit: 'address' },
  session('GET', '/bff/user'),
  session('POST', '/bff/realtime-ticket'),
  session('GET', '/bff/sessions'),
  session('DELETE', '/bff/sessions'),
  session('DELETE', '/bff/sessions/:id'),
  machine('POST', '/internal/sessions'),
  machine('DELETE', '/internal/users/:id/sessions'),
  anybody('/*'),
  anybody('/*', 'HEAD'),
];

/** Every route of the BFF but the socket's, which is upgraded before there is a response: `realtime/relay.ts`. */
export const routeTable = (proxyRoutes: readonly ProxyRoute[]): readonly RoutePolicy[] => [
  ...ownRoutes,
  ...proxyRoutes.flatMap(({ prefix, methods }) =>
    // `ALL` is the answer to every other method.
    [...methods, 'ALL'].map((method) => session(method, `${prefix}/*`)),
  ),
];
