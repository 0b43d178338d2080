import { closeCodes } from '@chatapp/contract/frames';
import type { FrameError } from '@chatapp/contract/problem';
import type { ServerWebSocket } from 'bun';
import type { Session } from '../sessions/sessions.ts';
import { Bucket, type BucketRule } from './bucket.ts';
import type { Person } from './people.ts';
import type { CommandFrame } from './read-frame.ts';

export interface SocketData {
  readonly connection: Connection;
}

/**
 * One socket. `id` is unique on this node. Kept small: ten thousand idle ones are normal, so what only a busy one needs is made when it is.
 */
export class Connection {
  socket: ServerWebSocket<SocketData> | undefined;
  /** Whether it is subscribed to the person's conversations: from the first resume on. */
  isSubscribed = false;
  isResuming = false;
  /** Whether a resume was answered: it may have been subscribed before that, and then messages could not be asked. */
  hasResumed = false;
  isAway = false;
  /** Whether it was closed because what it was opened with is over. */
  isSignedOut = false;
  /** Beats since anything was heard of it. */
  silentBeats = 0;
  /** When frames were last seen waiting for it to read, ms on the clock. */
  slowAt = Number.NEGATIVE_INFINITY;
  /** Commands that wait for the one that runs; undefined while none runs. */
  queue: CommandFrame[] | undefined;
  #frames: Bucket | undefined;

  constructor(
    readonly id: string,
    readonly person: Person,
    readonly session: Session,
    /** Since when a resume is awaited: since it opened, or since the last one that failed; ms on the clock. */
    public awaitsResumeSince: number,
  ) {}

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(frame: string): void {
    this.socket?.send(frame);
  }

  /** Behind what was published to it in this turn, in one write with it. */
  sendBehind(frame: string): void {
    this.socket?.cork((socket) => socket.send(frame));
  }

  /** `ok` is JSON text. */
  ok(frame: number, ok: string): void {
    this.send(`{"re":${frame},"ok":${ok}}`);
  }

  error(frame: number, error: FrameError): void {
    this.send(`{"re":${frame},"error":${JSON.stringify(error)}}`);
  }

  close(code: number, reason: string): void {
    if (code === closeCodes.signedOut || code === closeCodes.signInRefreshNeeded) this.isSignedOut = true;
    this.socket?.close(code, reason);
  }

  /** Ends a socket whose other side does not speak the protocol. */
  breach(reason: string): void {
    this.close(closeCodes.protocol, reason);
  }

  /** Whether one more frame is within bounds. */
  takesFrame(rule: BucketRule, now: number): boolean {
    this.#frames ??= new Bucket(rule, now);
    return this.#frames.take(now) === 0;
  }
}

export const topicOf = (conversationId: string): `c:${string}` => `c:${conversationId}`;
export const userTopic = (userId: string): `u:${string}` => `u:${userId}`;
/** Whose topic it is; undefined: a conversation's. */
export const userOfTopic = (topic: string): string | undefined => (topic.startsWith('u:') ? topic.slice(2) : undefined);

/** Takes one connection out of the few of a person or a session. */
export const takeOut = (connections: Connection[], connection: Connection): void => {
  const place = connections.indexOf(connection);
  if (place >= 0) connections.splice(place, 1);
};
