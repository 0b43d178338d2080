import { framingRefusal } from '@chatapp/service/framing-refusal';
import type { ReadyChecks } from '@chatapp/service/health';
import type { Log } from '@chatapp/service/log';
import type { Metrics } from '@chatapp/service/metrics';
import { ProblemError, problemResponse } from '@chatapp/service/problem';
import { createRefusalAudit } from '@chatapp/service/refusal-audit';
import { requestIdOf, serviceApp, toProblem } from '@chatapp/service/service-app';
import type { Server } from 'bun';
import { type AdmitOptions, admit } from './connection/admit.ts';
import type { SocketData } from './connection/connection.ts';
import type { Sockets } from './connection/sockets.ts';

export interface AppOptions {
  readonly sockets: Sockets;
  readonly admit: AdmitOptions;
  readonly checks: ReadyChecks;
  readonly apiDocs: boolean;
  readonly metrics: Metrics;
  readonly log: Log;
}

const about =
  'Sockets. Open `/realtime?ticket=…` with a ticket of the BFF, or `/realtime` with a Bearer token; the frames are described in the protocol.';

/** The HTTP surface of a realtime node. `/realtime` is upgraded natively, before the framework sees it. */
export const createApp = (options: AppOptions) => {
  const { sockets, log, metrics } = options;
  const app = serviceApp({
    name: 'realtime',
    about,
    log,
    metrics,
    checks: options.checks,
    apiDocs: options.apiDocs,
    draining: options.admit.isDraining,
  });

  const noteRefusal = createRefusalAudit(log);
  const upgrade = async (request: Request, server: Server<SocketData>): Promise<Response | undefined> => {
    try {
      // As every other path refuses it.
      const framing = framingRefusal(request.headers);
      if (framing !== undefined) throw new ProblemError(framing);
      const connection = sockets.accept(await admit(request, options.admit));
      if (server.upgrade(request, { data: { connection } })) return undefined;
      sockets.dismiss(connection);
      throw new ProblemError('malformed', { detail: 'This is no WebSocket handshake.' });
    } catch (error) {
      const problem = toProblem(error);
      const requestId = requestIdOf(request);
      if (problem.status >= 500) log.warn({ error }, 'a handshake failed');
      noteRefusal({ code: problem.code, requestId, route: 'GET /realtime', by: undefined });
      return problemResponse(problem, requestId);
    }
  };

  return {
    fetch: (request: Request, server: Server<SocketData>): Response | undefined | Promise<Response | undefined> =>
      new URL(request.url).pathname === '/realtime' ? upgrade(request, server) : app.fetch(request),
    websocket: sockets.websocket,
  };
};
