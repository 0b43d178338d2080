import { hostname } from 'node:os';
import type { Server, WebSocketHandler } from 'bun';
import { framingRefusal } from './framing-refusal.ts';
import type { Log } from './log.ts';

export interface ServeOptions<Data> {
  readonly fetch: (request: Request, server: Server<Data>) => Response | undefined | Promise<Response | undefined>;
  readonly websocket?: WebSocketHandler<Data>;
  readonly host: string;
  readonly port: number;
  /** A further port that several instances on one machine listen on; the kernel spreads the connections (Linux). */
  readonly sharedPort?: number | undefined;
  readonly log: Log;
  /** The longest silence of a connection, seconds. */
  readonly idleTimeoutSeconds?: number;
}

/** Where a process listens. Who listens there is the only one: whoever else had this address is dead. Undefined where the port is the system's choice. */
export const addressOf = ({ port }: Pick<ServeOptions<unknown>, 'port'>): string | undefined =>
  port === 0 ? undefined : `${hostname()}:${port}`;

/** The longest silence of a connection where nothing else is said. */
export const idleTimeoutSeconds = 30;

const listen = <Data>(options: ServeOptions<Data>, listening: { port: number; reusePort?: boolean }): Server<Data> =>
  Bun.serve<Data>({
    hostname: options.host,
    ...listening,
    development: false,
    idleTimeout: options.idleTimeoutSeconds ?? idleTimeoutSeconds,
    // Bun's own refusal is no problem body: what is too long is refused by its announced length, or as it is read.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: endingInDoubt(options.fetch),
    ...(options.websocket ? { websocket: options.websocket } : {}),
  } as Bun.Serve.Options<Data>);

type Fetch<Data> = ServeOptions<Data>['fetch'];

/**
 * Ends a connection with the answer where it is in doubt what comes next on it. What nobody reads Bun takes to its end, after the answer too: in chunks that is
 * never, and of a length that is refused far too late. Two Host headers or lengths, which every app refuses, come from who has another idea of a message than we.
 */
export const endingInDoubt = <Data>(fetch: Fetch<Data>): Fetch<Data> => {
  const ended = (request: Request, response: Response | undefined) => {
    if (response === undefined) return response;
    const isUnread = request.headers.has('transfer-encoding') && (!request.bodyUsed || !response.ok);
    if (isUnread || (!response.ok && framingRefusal(request.headers) !== undefined))
      response.headers.set('connection', 'close');
    return response;
  };
  return (request, server) => {
    const response = fetch(request, server);
    const { headers } = request;
    if (!headers.has('transfer-encoding') && framingRefusal(headers) === undefined) return response;
    return response instanceof Promise ? response.then((answer) => ended(request, answer)) : ended(request, response);
  };
};

export interface Lifecycle<Data> {
  readonly server: Server<Data>;
  /** Since SIGTERM: `/health/ready` answers 503, and no new work should begin. */
  readonly draining: () => boolean;
  /** Drains, stops listening, closes in reverse order of opening. Idempotent. */
  stop(): Promise<void>;
}

/** What is to be closed at the end, named for the log; the last opened is closed first. */
export type Closer = readonly [name: string, close: () => unknown];

const stopMaxMs = 4000;

/**
 * Listens, and ends well: on SIGTERM or SIGINT readiness goes off, `drain` says goodbye to sockets, requests in flight finish, then the closers run
 * in reverse order; after four seconds the process ends all the same. `createFetch` gets `draining` because the app must know it first.
 */
export const runService = <Data = undefined>(options: {
  readonly serve: (draining: () => boolean) => ServeOptions<Data>;
  readonly drain?: (server: Server<Data>) => Promise<void>;
  readonly closers: readonly Closer[];
  readonly log: Log;
}): Lifecycle<Data> => {
  const { log } = options;
  let ending: Promise<void> | undefined;
  const draining = () => ending !== undefined;
  const serving = options.serve(draining);
  const server = listen(serving, { port: serving.port });
  const { sharedPort } = serving;
  const servers = [server, ...(sharedPort ? [listen(serving, { port: sharedPort, reusePort: true })] : [])];

  const end = async () => {
    log.info('stopping');
    await options.drain?.(server).catch((error) => log.error({ error }, 'draining failed'));
    await Promise.race([Promise.all(servers.map((each) => each.stop())), Bun.sleep(1500)]);
    await Promise.all(servers.map((each) => each.stop(true)));
    for (const [name, close] of [...options.closers].reverse()) {
      await Promise.resolve(close()).catch((error) => log.error({ error, part: name }, 'closing failed'));
    }
  };
  const stop = () => {
    ending ??= end();
    return ending;
  };
  const exit = () => {
    setTimeout(() => process.exit(1), stopMaxMs).unref();
    stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', exit);
  process.once('SIGINT', exit);
  process.on('unhandledRejection', (error) => log.error({ error }, 'unhandled rejection'));
  log.info({ url: server.url.href }, 'listening');
  return { server, draining, stop };
};

/** Runs a service's `main`; a fault at start is one clear line and exit code 1, never a stack of internals. */
export const start = (main: () => Promise<void>): void => {
  main().catch((error: unknown) => {
    const fault = error instanceof Error ? error : new Error(String(error));
    console.error(fault.name === 'ConfigError' ? fault.message : (fault.stack ?? fault.message));
    process.exit(1);
  });
};
