import type { RoutePolicy } from '../src/access/route-policy.ts';
import type { Bff } from '../src/bff.ts';

/** A request that reaches a route of the table. */
export interface RouteCase {
  readonly method: string;
  readonly path: string;
  readonly policy: RoutePolicy;
}

const samples: Record<string, string> = { ':id': 'A'.repeat(22), ':issuer': 'local', ':file': 'swagger-ui.css' };

/** Each route that the app has registered, with a path that it takes; a route of all methods once for two of them. A new route is among them by itself. */
export const everyRoute = ({ app }: Bff): readonly RouteCase[] =>
  app.routes
    .flatMap(({ method, path }) =>
      (method === 'ALL' ? ['GET', 'POST'] : [method]).map((one) => ({ method: one, path })),
    )
    .map(({ method, path }) => ({
      method,
      policy: app.policies.of(method, path),
      path: path
        .replace(/:\w+/g, (name) => samples[name] ?? 'x')
        .replace(/^(\/.+)\*/, '$1conversations/x')
        .replace(/^\/\*/, '/c/1'),
    }));
