import { ProblemError, problemResponse } from '@chatapp/service/problem';
import { requestIdOf } from '@chatapp/service/service-app';
import type { Server } from 'bun';
import type { SocketData } from './realtime/link.ts';
import type { Relay } from './realtime/relay.ts';

export interface EdgeParts {
  readonly app: { fetch(request: Request): Response | Promise<Response> };
  readonly relay: Relay;
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** What the listening socket alone can answer, in front of the app: socket upgrades, and who may read the metrics. */
export const createEdge =
  ({ app, relay }: EdgeParts) =>
  async (request: Request, server: Server<SocketData>): Promise<Response | undefined> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/realtime') return await relay.upgrade(request, server);
    if (pathname === '/metrics' && !isOperator(request, server)) {
      return problemResponse(new ProblemError('not-found'), requestIdOf(request));
    }
    return await app.fetch(request);
  };

/** The BFF is public: its metrics are for this machine only, and a proxy in front of it is not this machine. */
const isOperator = (request: Request, server: Server<SocketData>): boolean => {
  const { headers } = request;
  if (['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers.has(name))) return false;
  return loopback.has(server.requestIP(request)?.address ?? '');
};
