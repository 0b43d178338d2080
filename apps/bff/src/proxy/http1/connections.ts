import type { Signal } from '@chatapp/resilience/signal';
import { type Answer, Connection, type Question } from './connection.ts';

/** Shorter than servers keep an idle connection, so that seldom both give it up at once. */
const idleMs = 4000;
const idleMax = 128;

/** The kept connections to one server over plain TCP. */
export interface Connections {
  /**
   * Asks over a connection that is idle, else over a new one. A kept one that the server had closed is replaced once, so ask only what may be sent twice.
   * Rejects as the connection does.
   */
  ask(question: Question, signal: Signal): Promise<Answer>;
}

export const createConnections = (origin: string, now: () => number): Connections => {
  const { hostname, port } = new URL(origin);
  // A bracketed IPv6 address is a URL's spelling.
  const host = hostname.replace(/^\[|\]$/g, '');
  /** The one that was used last is at the end. */
  const idle: { readonly connection: Connection; readonly since: number }[] = [];
  let isWatched = false;

  const onFree = (connection: Connection) => {
    idle.push({ connection, since: now() });
    if (idle.length > idleMax) idle.shift()?.connection.destroy();
    watch();
  };
  const onClose = (connection: Connection) => {
    const place = idle.findIndex((one) => one.connection === connection);
    if (place >= 0) idle.splice(place, 1);
  };
  const watch = () => {
    if (isWatched || idle.length === 0) return;
    isWatched = true;
    setTimeout(sweep, idleMs).unref();
  };
  const sweep = () => {
    isWatched = false;
    const fresh = idle.findIndex(({ since }) => now() - since < idleMs);
    for (const { connection } of idle.splice(0, fresh < 0 ? idle.length : fresh)) connection.destroy();
    watch();
  };

  const open = async (signal: Signal): Promise<Connection> => {
    const connection = new Connection({ onFree, onClose });
    await connection.open(host, Number(port || 80));
    if (signal.aborted) connection.destroy();
    signal.throwIfAborted();
    return connection;
  };
  const askAnew = async (question: Question, signal: Signal): Promise<Answer> =>
    await (await open(signal)).ask(question, signal);

  return {
    ask(question, signal) {
      const kept = idle.pop()?.connection;
      return kept === undefined ? askAnew(question, signal) : kept.ask(question, signal, askAnew);
    },
  };
};
