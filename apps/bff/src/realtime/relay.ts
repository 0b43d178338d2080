import { closeCodes } from '@chatapp/contract/frames';
import { limits, sessionSweep } from '@chatapp/contract/limits';
import type { Clock } from '@chatapp/resilience/clock';
import type { Destination, RetryDecision } from '@chatapp/resilience/destination';
import { BulkheadFullError, CircuitOpenError } from '@chatapp/resilience/errors';
import { inTurn } from '@chatapp/resilience/in-turn';
import type { Log } from '@chatapp/service/log';
import { ProblemError, problemResponse } from '@chatapp/service/problem';
import { sendAway } from '@chatapp/service/send-away';
import { requestIdOf } from '@chatapp/service/service-app';
import type { Server, WebSocketHandler } from 'bun';
import { urlOf } from '../access/request-url.ts';
import type { Cluster, InstanceOutcome } from '../proxy/cluster.ts';
import { traceparentOf } from '../proxy/headers.ts';
import { socketRefusal } from '../session/cross-site.ts';
import { createAskSockets } from './ask-sockets.ts';
import { createBeats } from './beats.ts';
import { createLink, type Link, type SocketData } from './link.ts';
import { type ConnectSocket, NotConnectedError, openUpstream } from './open-upstream.ts';

export interface RelayOptions {
  /** The instances of the realtime service. */
  readonly cluster: Cluster;
  readonly origins: readonly string[];
  readonly destination: Destination;
  readonly connect: ConnectSocket;
  /** The session of the handshake's cookie, counted; undefined without a cookie. Throws `signed-out` where the cookie's session is over. */
  readonly sessionOf: (request: Request) => Promise<{ readonly sid: string } | undefined>;
  /** Of these sessions those that live. */
  readonly alive: (sids: readonly string[]) => Promise<readonly { readonly sid: string }[]>;
  /** Writes a refusal down; answers another one where there were too many. */
  readonly refused: (request: Request, code: 'origin' | 'token-invalid') => Promise<ProblemError | undefined>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** How often each side is asked whether it is there, ms; who does not answer until the next time is given up. */
  readonly beatMs?: number;
}

export interface Relay {
  /** Answers the handshake; undefined when the socket was taken over. */
  upgrade(request: Request, server: Server<SocketData>): Promise<Response | undefined>;
  readonly websocket: WebSocketHandler<SocketData>;
  /** Closes the sockets of a session that ended. */
  endSession(sid: string): void;
  /** Closes the sockets at an instance that do not answer now: to be called when its health check was not answered. */
  askSockets(url: string): Promise<void>;
  /** Closes the sockets whose sessions ended without our hearing of it, one after another; by itself every 45 s. */
  sweep(): Promise<void>;
  /**
   * Sends every browser away to another instance, each at a moment of its own. Who comes meanwhile, because its balancer has not heard of it yet, is taken
   * in and sent away at the end: a refusal would be an error to its user. Nobody may come afterwards.
   */
  drain(): Promise<void>;
  readonly size: number;
}

/** A silence is noticed at the second beat: with the ten seconds that presence waits, who is gone is offline within 35 s. */
const defaultBeatMs = 11_000;
const sweepMs = 45_000;
const sidsPerSweep = 500;
const drainMs = 1500;
/** A balancer knows by then that this instance is not ready any more: who is sent away comes to another one. */
const heardOfMs = 1000;
const drainStepMs = 50;

/**
 * `GET /realtime`: relays a browser's socket to the realtime service, which takes the ticket. The browser's handshake is answered after the service's:
 * so a refusal is an HTTP status, and no frame can come before there is somebody to take it.
 */
export const createRelay = (options: RelayOptions): Relay => {
  const { cluster, destination, clock, log, beatMs = defaultBeatMs } = options;
  const links = new Map<Link, Tied>();
  const beats = createBeats(beatMs, clock);
  setInterval(() => {
    sweep().catch((error) => log.warn({ error }, 'the sessions of sockets could not be looked up'));
  }, sweepMs).unref();

  /** Handshakes under way, each with the sessions that ended since it began. */
  const handshakes = new Set<Set<string>>();
  const endSession = (sid: string): void => {
    for (const ended of handshakes) ended.add(sid);
    for (const [link, tied] of links) if (tied.sid === sid) link.end(closeCodes.signedOut, 'signed out');
  };
  const sweep = async (): Promise<void> => {
    const sids = [...new Set(Array.from(links.values(), ({ sid }) => sid))].filter((sid) => sid !== undefined);
    const ended: string[] = [];
    for (let at = 0; at < sids.length; at += sidsPerSweep) {
      const asked = sids.slice(at, at + sidsPerSweep);
      const living = new Set((await options.alive(asked)).map(({ sid }) => sid));
      for (const sid of asked) if (!living.has(sid)) ended.push(sid);
    }
    await inTurn(ended, endSession, { clock, ...sessionSweep });
  };

  const connect = async (request: Request): Promise<{ link: Link; url: string }> => {
    const { search } = urlOf(request);
    const refusals: ProblemError[] = [];
    return await destination.call(
      async ({ signal, member }) => {
        const instance = cluster.at(member);
        if (instance === undefined) throw new NotConnectedError('there is no instance');
        const end = instance.begin();
        let state: 'opening' | 'open' | 'gone' = 'opening';
        const url = `${instance.url.replace(/^http/, 'ws')}/realtime${search}`;
        const open = { connect: options.connect, url, headers: headersOf(request), signal };
        try {
          const link = await openUpstream(open, (socket) =>
            createLink(socket, (ended) => {
              links.delete(ended);
              beats.remove(ended);
              if (state === 'open') end('ok');
              state = 'gone';
            }),
          );
          if (state === 'opening') state = 'open';
          else end('ok');
          return { link, url: instance.url };
        } catch (error) {
          end(outcomeOf(error, request));
          if (error instanceof ProblemError) refusals.push(error);
          // An instance that could not say whether it took the ticket did: so the browser comes with another, as it was told at first.
          throw isTicketRefused(error) ? (refusals[0] ?? error) : error;
        }
      },
      {
        // A ticket is for one use: another attempt only where nobody took it.
        idempotent: false,
        retryable: (outcome) => ('error' in outcome ? decisionOn(outcome.error) : { retry: false }),
        pick: cluster.pick,
        signal: request.signal,
        discard: ({ link }) => link.end(1001, ''),
      },
    );
  };

  let drainEndsAt: number | undefined;
  let isDrained = false;
  const goAway = (link: Link): void => link.end(closeCodes.goaway, 'goaway');
  const refuseOnceDrained = (): void => {
    if (isDrained) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
  };
  const goAwayLater = async (link: Link, endsAt: number): Promise<void> => {
    await clock.sleep(Math.max(0, endsAt - options.random() * (drainMs - heardOfMs) - clock.now()));
    goAway(link);
  };

  const upgrade = async (request: Request, server: Server<SocketData>): Promise<Response | undefined> => {
    const ended = new Set<string>();
    handshakes.add(ended);
    try {
      refuseUnlessSocket(request);
      const refusal = socketRefusal(request.headers, options.origins);
      if (refusal) throw new ProblemError(refusal);
      refuseOnceDrained();
      if (!new URLSearchParams(urlOf(request).search).has('ticket')) throw new ProblemError('signed-out');
      const session = await options.sessionOf(request);
      const { link, url } = await connect(request);
      if (isDrained) link.end(1001, 'this instance stops');
      refuseOnceDrained();
      if (session !== undefined && ended.has(session.sid)) {
        link.end(1001, 'signed out');
        throw new ProblemError('signed-out');
      }
      links.set(link, { url, sid: session?.sid });
      beats.add(link);
      if (server.upgrade(request, { data: { link } })) {
        if (drainEndsAt !== undefined) void goAwayLater(link, drainEndsAt);
        return undefined;
      }
      link.end(1001, 'the browser has gone');
      throw new ProblemError('malformed', { detail: 'This is no WebSocket handshake.' });
    } catch (error) {
      let problem = translate(error);
      if (problem.status >= 500) log.warn({ error }, 'a socket could not be relayed');
      if (problem.code === 'origin' || problem.code === 'token-invalid') {
        problem = (await options.refused(request, problem.code)) ?? problem;
      }
      return problemResponse(problem, requestIdOf(request));
    } finally {
      handshakes.delete(ended);
    }
  };

  return {
    upgrade,
    websocket: {
      maxPayloadLength: limits.frameBytesMax,
      // Counted from what is sent, too: a browser that is gone while there are news for it is found by the beat.
      idleTimeout: 30,
      backpressureLimit: limits.socketBufferBytesMax * 2,
      closeOnBackpressureLimit: true,
      perMessageDeflate: false,
      open: (socket) => socket.data.link.open(socket),
      message: (socket, frame) => socket.data.link.fromBrowser(frame),
      drain: (socket) => socket.data.link.browserDrained(),
      pong: (socket) => socket.data.link.browserAnswered(),
      close: (socket, code, reason) => socket.data.link.browserClosed(code, reason),
    },
    endSession,
    askSockets: createAskSockets(links, clock),
    sweep,
    async drain() {
      const endsAt = clock.now() + drainMs;
      drainEndsAt = endsAt;
      const sockets = Array.from(links.keys(), (link) => ({ send: link.tellBrowser, close: link.end }));
      await sendAway({ sockets, clock, random: options.random });
      while ((handshakes.size > 0 || links.size > 0) && clock.now() < endsAt) await clock.sleep(drainStepMs);
      isDrained = true;
      for (const link of links.keys()) goAway(link);
    },
    get size() {
      return links.size;
    },
  };
};

/** What a link is bound to. */
interface Tied {
  /** The instance that has its other end. */
  readonly url: string;
  /** None: a ticket alone binds at the service only. */
  readonly sid: string | undefined;
}

const refuseUnlessSocket = (request: Request): void => {
  if (request.method !== 'GET') throw new ProblemError('method-not-allowed');
  if (
    request.headers.get('upgrade')?.toLowerCase() !== 'websocket' ||
    request.headers.get('sec-websocket-version') !== '13'
  ) {
    throw new ProblemError('malformed', { detail: 'Open a WebSocket here.' });
  }
};

const isTicketRefused = (error: unknown): boolean => error instanceof ProblemError && error.code === 'token-invalid';

/** No connection, or an instance that drains: neither has the ticket. The second one is well, as far as it goes. */
const decisionOn = (error: unknown): RetryDecision => {
  if (error instanceof NotConnectedError) return { retry: true, unsent: true };
  return isUnavailable(error) ? { retry: 'elsewhere', unsent: true, afterMs: 0 } : { retry: false };
};

const isUnavailable = (error: unknown): boolean => error instanceof ProblemError && error.code === 'unavailable';

const outcomeOf = (error: unknown, { signal }: Request): InstanceOutcome => {
  if (error instanceof NotConnectedError) return 'refused';
  if (isUnavailable(error)) return 'leaving';
  // A refusal is an answer.
  if (error instanceof ProblemError && error.code !== 'upstream-unreachable') return 'ok';
  return signal.aborted ? 'unknown' : 'failed';
};

/** The origin was found good; the service looks at it too. */
const headersOf = (request: Request): Record<string, string> => {
  const origin = request.headers.get('origin');
  return {
    ...(origin === null ? {} : { origin }),
    'x-request-id': requestIdOf(request),
    traceparent: traceparentOf(request.headers),
  };
};

const translate = (error: unknown): ProblemError => {
  if (error instanceof ProblemError) return error;
  if (error instanceof CircuitOpenError || error instanceof BulkheadFullError) {
    return new ProblemError('unavailable', { retryAfterMs: 1000, cause: error });
  }
  return new ProblemError('upstream-unreachable', { cause: error });
};
