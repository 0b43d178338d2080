import { closeCodes, type Push } from '@chatapp/contract/frames';
import { limits } from '@chatapp/contract/limits';
import type { Clock } from '@chatapp/resilience/clock';
import type { Meter } from '@chatapp/service/meters';
import type { WebSocketHandler } from 'bun';
import type { Sessions } from '../sessions/sessions.ts';
import type { Admission } from './admit.ts';
import { Connection, type SocketData } from './connection.ts';
import type { People, Person } from './people.ts';

export interface SocketsOptions {
  readonly nodeId: string;
  readonly people: People;
  readonly sessions: Sessions;
  readonly handleFrame: (connection: Connection, text: string) => void;
  /** The person's last socket here closed. */
  readonly onLeft: (person: Person) => void;
  /** A socket closed, and the person has others here. */
  readonly onThinned: (person: Person) => void;
  /** The person has another number of sockets here. */
  readonly onCount: (person: Person) => void;
  readonly commandsPerMinute: number;
  readonly clock: Clock;
  readonly meters: { readonly frames: Meter; readonly slowCut: Meter };
}

export interface Sockets {
  /** The connection for a handshake that was let in; it counts from now on, so `upgrade` must follow in the same turn, or `dismiss`. */
  accept(admission: Admission): Connection;
  /** The handshake was not finished after all. */
  dismiss(connection: Connection): void;
  readonly websocket: WebSocketHandler<SocketData>;
  /** A publish met a socket that did not take it all: notes which ones lag. */
  noteBackpressure(): void;
  /** Closes the sockets that have not tried to resume for ten seconds. Every second. */
  closeSilent(): void;
  /**
   * Asks who was not heard of for 11 s whether they are there, and closes who was not for 22 s: with the ten seconds that presence waits they are offline
   * within 35 s. Every second, and counted in calls: while the process stood still nobody could be heard.
   */
  beat(): void;
}

const pingIntervalMs = 25_000;
const resumeWithinMs = 10_000;
const lookEveryMs = 250;
/** Bun's own idle time is counted from what is sent, too: it does not notice who is gone while there are messages for them. */
const beats = { untilAsked: 11, untilGone: 22 };
/** A socket that broke this soon after it lagged was cut for it: nothing else tells. */
const cutWithinMs = 10_000;

/** The life of sockets: Bun's own, with its limits, so that a slow one gets a prefix without gaps and is then cut (security.md, trap 1). */
export const createSockets = (options: SocketsOptions): Sockets => {
  const { people, sessions, clock, meters, commandsPerMinute } = options;
  // Frames of any kind: far above what a client does, far below what would hurt.
  const frameRule = { burst: 400 + commandsPerMinute / 6, perSecond: 100 + commandsPerMinute / 60 };
  const silent = new Set<Connection>();
  let lastId = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const greet = ({ id, session }: Connection): string =>
    JSON.stringify({
      e: 'hello',
      v: 1,
      connectionId: `${options.nodeId}.${id}`,
      pingIntervalMs,
      sessionExpiresAt: new Date(session.expiresAt).toISOString(),
    } satisfies Push);

  const dismiss = (connection: Connection) => {
    silent.delete(connection);
    sessions.remove(connection);
    const tell = people.remove(connection) ? options.onLeft : options.onThinned;
    tell(connection.person);
    options.onCount(connection.person);
  };

  return {
    dismiss,
    accept({ userId, sid, expiresAt }) {
      const id = (++lastId).toString(36);
      const session = sessions.of(sid, userId, expiresAt);
      const connection = new Connection(id, people.personOf(userId), session, clock.now());
      people.add(connection);
      sessions.add(connection);
      silent.add(connection);
      options.onCount(connection.person);
      return connection;
    },
    noteBackpressure() {
      const now = clock.now();
      if (now - lookedAt < lookEveryMs) return;
      lookedAt = now;
      for (const connection of people.connections()) {
        if ((connection.socket?.getBufferedAmount() ?? 0) > 0) connection.slowAt = now;
      }
    },
    closeSilent() {
      for (const connection of silent) {
        if (connection.hasResumed) silent.delete(connection);
        // Whoever was told to ask again has the same time for it as at first.
        else if (!connection.isResuming && clock.now() - connection.awaitsResumeSince >= resumeWithinMs) {
          connection.breach('no resume');
        }
      }
    },
    beat() {
      for (const connection of people.connections()) {
        const silentBeats = ++connection.silentBeats;
        if (silentBeats === beats.untilAsked) connection.socket?.ping();
        else if (silentBeats === beats.untilGone) connection.close(closeCodes.noPong, 'no pong');
      }
    },
    websocket: {
      maxPayloadLength: limits.frameBytesMax,
      backpressureLimit: limits.socketBufferBytesMax,
      closeOnBackpressureLimit: true,
      perMessageDeflate: false,
      // Bun pings before this silence is over and cuts what does not answer.
      idleTimeout: 30,
      sendPings: true,
      open(socket) {
        const { connection } = socket.data;
        connection.socket = socket;
        connection.send(greet(connection));
      },
      message(socket, message) {
        const { connection } = socket.data;
        connection.silentBeats = 0;
        meters.frames.add();
        if (!connection.takesFrame(frameRule, clock.now())) connection.close(closeCodes.rate, 'too many frames');
        else if (typeof message !== 'string') connection.breach('not text');
        else options.handleFrame(connection, message);
      },
      pong({ data }) {
        data.connection.silentBeats = 0;
      },
      // It reads, if slowly: its answer to a ping comes behind what waits.
      drain({ data }) {
        data.connection.silentBeats = 0;
      },
      close(socket, code) {
        const { connection } = socket.data;
        if (code === 1006 && clock.now() - connection.slowAt < cutWithinMs) meters.slowCut.add();
        dismiss(connection);
      },
    },
  };
};
