import { type Connection, takeOut } from '../connection/connection.ts';

/** What keeps sockets open: a session of the BFF (`sid`), or an access token (`sid` null). */
export class Session {
  readonly connections: Connection[] = [];
  /** The `expiresAt` for which people were told that it comes. */
  warnedOf = 0;

  constructor(
    readonly sid: string | null,
    readonly userId: string,
    /** Wall clock, ms. */
    public expiresAt: number,
  ) {}

  send(frame: string): void {
    for (const connection of this.connections) connection.send(frame);
  }

  close(code: number, reason: string): void {
    for (const connection of [...this.connections]) connection.close(code, reason);
  }
}

/** How long an ended session is remembered: longer than a ticket lives, so that none of its tickets opens a socket. */
const endedForMs = 120_000;

/** The sessions of the sockets that are open here. */
export class Sessions {
  readonly #bySid = new Map<string, Session>();
  readonly #tokens = new Set<Session>();
  readonly #ended = new Map<string, number>();

  /** The session of a sid (shared by its sockets), or a new one of a token. */
  of(sid: string | null, userId: string, expiresAt: number): Session {
    const known = sid === null ? undefined : this.#bySid.get(sid);
    if (known === undefined) return new Session(sid, userId, expiresAt);
    known.expiresAt = Math.max(known.expiresAt, expiresAt);
    return known;
  }

  add(connection: Connection): void {
    const { session } = connection;
    session.connections.push(connection);
    if (session.sid === null) this.#tokens.add(session);
    else this.#bySid.set(session.sid, session);
  }

  remove(connection: Connection): void {
    const { session } = connection;
    takeOut(session.connections, connection);
    if (session.connections.length > 0) return;
    if (session.sid === null) this.#tokens.delete(session);
    else if (this.#bySid.get(session.sid) === session) this.#bySid.delete(session.sid);
  }

  bySid(sid: string): Session | undefined {
    return this.#bySid.get(sid);
  }

  /** Every session, those of tokens too. */
  all(): Session[] {
    return [...this.#bySid.values(), ...this.#tokens];
  }

  noteEnded(sid: string, now: number): void {
    for (const [other, at] of this.#ended) {
      if (now - at < endedForMs) break;
      this.#ended.delete(other);
    }
    this.#ended.set(sid, now);
  }

  hasEnded(sid: string, now: number): boolean {
    return now - (this.#ended.get(sid) ?? Number.NEGATIVE_INFINITY) < endedForMs;
  }
}
