import type { ProxyRoute } from '../proxy/routes.ts';
import type { RoutePolicy } from './route-policy.ts';

type Opening = Pick<RoutePolicy, 'opens' | 'limit'>;
const anybody: Opening = { opens: 'anybody', limit: 'none' };
const session: Opening = { opens: 'session', limit: 'none' };
const machine: Opening = { opens: 'machine', limit: 'address' };

/** The BFF's own routes; the app does not compile where one of its routes is missing here. */
export const ownRoutes = {
  'GET /health/live': anybody,
  'GET /health/ready': anybody,
  // To this machine only: edge.ts.
  'GET /metrics': anybody,
  'GET /swagger': anybody,
  'GET /swagger/json': anybody,
  'GET /swagger/assets/init.js': anybody,
  'GET /swagger/assets/:file': anybody,
  'GET /bff/login': { opens: 'proof', limit: 'sign-in' },
  'GET /bff/callback': { opens: 'proof', limit: 'address' },
  'GET /bff/callback/:issuer': { opens: 'proof', limit: 'address' },
  'GET /bff/logout': { opens: 'proof', limit: 'address' },
  'POST /bff/backchannel-logout': { opens: 'proof', limit: 'address' },
  'POST /bff/csp-reports': { opens: 'anybody', limit: 'address' },
  'GET /bff/user': session,
  'POST /bff/realtime-ticket': session,
  'GET /bff/sessions': session,
  'DELETE /bff/sessions': session,
  'DELETE /bff/sessions/:id': session,
  'POST /internal/sessions': machine,
  'DELETE /internal/users/:id/sessions': machine,
  'GET /*': anybody,
  'HEAD /*': anybody,
} as const satisfies Readonly<Record<string, Opening>>;

/** Every route of the BFF but the socket's, which is upgraded before there is a response: `realtime/relay.ts`. */
export const routeTable = (proxyRoutes: readonly ProxyRoute[]): readonly RoutePolicy[] => [
  ...Object.entries(ownRoutes).map(([name, opening]) => {
    const [method = '', path = ''] = name.split(' ');
    return { method, path, ...opening };
  }),
  ...proxyRoutes.flatMap(({ prefix, methods }) =>
    // `ALL` is the answer to every other method.
    [...methods, 'ALL'].map((method) => ({ method, path: `${prefix}/*`, ...session })),
  ),
];
