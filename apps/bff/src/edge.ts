import type { ProblemCode } from '@chatapp/contract/problem';
import { framingRefusal } from '@chatapp/service/framing-refusal';
import { ProblemError, problemResponse } from '@chatapp/service/problem';
import { requestIdOf } from '@chatapp/service/service-app';
import type { Server } from 'bun';
import type { Callers } from './access/address.ts';
import type { Limits } from './access/limits.ts';
import { urlOf } from './access/request-url.ts';
import type { SocketData } from './realtime/link.ts';
import type { Relay } from './realtime/relay.ts';

export interface EdgeParts {
  readonly app: {
    fetch(request: Request): Promise<Response>;
    timeoutSecondsOf(request: Request): number | undefined;
  };
  readonly relay: Relay;
  readonly harden: (response: Response) => Response;
  readonly callers: Callers;
  readonly limits: Pick<Limits, 'explain'>;
  /** Whether /metrics answers this machine, else nobody. */
  readonly metrics: boolean;
}

const isMetrics = (pathname: string): boolean => pathname === '/metrics' || pathname.startsWith('/metrics/');
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** What the listening socket alone can answer, in front of the app: socket upgrades, and who may read the metrics. */
export const createEdge = ({ app, relay, harden, callers, limits, metrics }: EdgeParts) => {
  const handshake = async (request: Request, server: Server<SocketData>): Promise<Response | undefined> => {
    const refusal = await relay.upgrade(request, server);
    if (refusal === undefined) return undefined;
    limits.explain(request, refusal);
    return harden(refusal);
  };
  const refuse = (request: Request, code: ProblemCode) =>
    harden(problemResponse(new ProblemError(code), requestIdOf(request)));
  return (request: Request, server: Server<SocketData>): Response | Promise<Response | undefined> => {
    const { pathname } = urlOf(request);
    callers.note(server);
    const framing = framingRefusal(request.headers);
    if (framing !== undefined) return refuse(request, framing);
    if (isMetrics(pathname) && !(metrics && isOperator(request, server))) return refuse(request, 'not-found');
    // Bun counts an upload's whole time, and else the silence on the connection: both ways of holding one for ever end here.
    const timeoutSeconds = app.timeoutSecondsOf(request);
    if (timeoutSeconds !== undefined) server.timeout(request, timeoutSeconds);
    return pathname === '/realtime' ? handshake(request, server) : app.fetch(request);
  };
};

/**
 * The BFF is public: its metrics are for this machine only, and a proxy in front of it is not this machine. One that adds no header cannot be told from it, so
 * in production nobody is an operator unless METRICS says so.
 */
const isOperator = (request: Request, server: Server<SocketData>): boolean => {
  const { headers } = request;
  if (['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers.has(name))) return false;
  return loopback.has(server.requestIP(request)?.address ?? '');
};
