import type { Conditions } from './lane.ts';
import type { ChaosProxy, Direction } from './proxy.ts';

/**
 * Steers proxies from another process: `PUT /<name>` `{ direction?: "up" | "down" | "both", conditions }`, `POST /<name>/reset`,
 * `POST /<name>/heal`, all 204; `GET /<name>` answers `{ port, connections, accepted }`. On loopback, for tests only.
 */
export const serveControl = (proxies: Readonly<Record<string, ChaosProxy>>, port = 0): Bun.Server<undefined> =>
  Bun.serve({
    hostname: '127.0.0.1',
    port,
    fetch: async (request) => {
      const [, name = '', act] = new URL(request.url).pathname.split('/');
      const proxy = proxies[name];
      if (!proxy) return new Response(null, { status: 404 });
      const { port, connections, accepted } = proxy;
      if (request.method === 'GET') return Response.json({ port, connections, accepted });
      if (request.method === 'PUT') {
        const { conditions, direction } = (await request.json()) as { conditions: Conditions; direction?: Direction };
        proxy.set(conditions, direction);
      } else if (act === 'reset') proxy.resetAll();
      else if (act === 'heal') proxy.heal();
      else return new Response(null, { status: 405 });
      return new Response(null, { status: 204 });
    },
  });
