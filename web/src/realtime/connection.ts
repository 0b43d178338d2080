import type { ClientFrameOf, ClientOp, OkOf, Push, Resumed, ServerFrame } from '@chatapp/contract/frames';
import type { RealtimeTicket } from '@chatapp/contract/http-bff';
import { createSignal } from 'solid-js';
import { createAbsence } from './absence.ts';
import { reconnectDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { ConnectionLost, createReplies } from './replies.ts';

/** `ended` does not come back by itself: signed out, forbidden, or a protocol that this page no longer speaks. */
export type ConnectionState =
  | { at: 'stopped' }
  | { at: 'connecting' }
  | { at: 'ready' }
  | { at: 'waiting' }
  | { at: 'ended'; code: number };

export type SocketHandle = { send: (text: string) => void; close: () => void };
/** Opens a socket. `closed` is called once, also when it never opened. */
export type OpenSocket = (
  url: string,
  on: { message: (text: string) => void; closed: (code: number) => void },
) => SocketHandle;

export type ConnectionParts = {
  ticket: () => Promise<RealtimeTicket>;
  open: OpenSocket;
  clock: Clock;
  random: () => number;
  /** What the client has, at the time of the greeting. */
  positions: () => [string, number][];
  onGreeting: () => void;
  onResumed: (answer: Resumed) => void;
  onPush: (push: Push) => void;
  onLost: () => void;
};

type FieldsOf<Op extends ClientOp> = Omit<ClientFrameOf<Op>, 'id' | 'op'>;
export type Connection = ReturnType<typeof createConnection>;

const greetingWithinMs = 15_000;
const answerToPingWithinMs = 10_000;
// An ordinary way back takes less, and the way to a page's first connection may take longer.
const awayAfterMs = { loss: 2_000, start: 5_000 };
// Close codes from here to 4999 say: do not come back.
const endedFrom = 4500;
const signedOutCode = 4501;

/** The one socket of this page: ticket, greeting, resume, heartbeat, and back again with full jitter when it was lost. */
export const createConnection = (parts: ConnectionParts) => {
  const { clock, random } = parts;
  const replies = createReplies();
  const absence = createAbsence(clock);
  const [state, setState] = createSignal<ConnectionState>({ at: 'stopped' });
  let socket: SocketHandle | undefined;
  // Whatever belongs to an older socket is ignored.
  let generation = 0;
  let attempt = 0;
  let heardAt = 0;
  let timers: (() => void)[] = [];

  const clearTimers = () => {
    for (const cancel of timers) cancel();
    timers = [];
  };
  const later = (ms: number, run: () => void) => void timers.push(clock.after(ms, run));

  const drop = () => {
    generation++;
    clearTimers();
    socket?.close();
    socket = undefined;
    replies.loseAll();
    parts.onLost();
  };

  const lost = (code: number) => {
    drop();
    if (code >= endedFrom && code < 5000) {
      absence.beginLong();
      setState({ at: 'ended', code });
      return;
    }
    absence.begin(awayAfterMs.loss);
    setState({ at: 'waiting' });
    later(reconnectDelayMs(attempt++, random), () => void connect());
  };

  const connect = async () => {
    clearTimers();
    const mine = ++generation;
    setState({ at: 'connecting' });
    try {
      const { url, ticket } = await parts.ticket();
      if (mine !== generation) return;
      const address = new URL(url);
      address.searchParams.set('ticket', ticket);
      later(greetingWithinMs, () => lost(1006));
      socket = parts.open(address.href, {
        message: (text) => mine === generation && hear(text),
        closed: (code) => mine === generation && lost(code),
      });
    } catch {
      // No ticket: the BFF cannot be reached, or nobody is signed in (the HTTP client has told the session already).
      if (mine === generation) lost(1006);
    }
  };

  const hear = (text: string) => {
    heardAt = clock.now();
    const parsed = JSON.parse(text) as ServerFrame | ServerFrame[];
    for (const frame of Array.isArray(parsed) ? parsed : [parsed]) take(frame);
  };

  const take = (frame: ServerFrame) => {
    if ('re' in frame) return replies.settle(frame);
    if (frame.e === 'hello') return void greet(frame.pingIntervalMs);
    if (frame.e === 'goaway') return later(frame.afterMs, leave);
    parts.onPush(frame);
  };

  const greet = async (pingIntervalMs: number) => {
    const mine = generation;
    parts.onGreeting();
    try {
      const answer = await request('resume', { conversations: parts.positions() });
      if (mine !== generation) return;
      clearTimers();
      attempt = 0;
      beat(pingIntervalMs);
      parts.onResumed(answer);
      absence.end();
      setState({ at: 'ready' });
    } catch {
      if (mine === generation) lost(1006);
    }
  };

  /** A half-open connection says nothing: whoever does not answer a ping is gone. */
  const beat = (intervalMs: number) =>
    later(intervalMs, () => {
      const askedAt = clock.now();
      request('ping', {}).catch(() => undefined);
      later(answerToPingWithinMs, () => {
        if (heardAt < askedAt) lost(1006);
      });
      beat(intervalMs);
    });

  /** The node is draining: another takes over at once. */
  const leave = () => {
    drop();
    absence.begin(awayAfterMs.loss);
    void connect();
  };

  const send = (op: ClientOp, id: number, fields: object) => {
    socket?.send(JSON.stringify({ id, op, ...fields }));
  };

  /** Sends a frame and waits for its answer. Throws `SocketRefusal` or `ConnectionLost`. */
  const request = async <Op extends keyof OkOf>(op: Op, fields: FieldsOf<Op>): Promise<OkOf[Op]> => {
    if (socket === undefined) throw new ConnectionLost('there is no connection');
    const { id, answer } = replies.expect();
    send(op, id, fields);
    return (await answer) as OkOf[Op];
  };

  return {
    state,
    ready: () => state().at === 'ready',
    /** Whether the socket was closed because its session ended. */
    isSignedOut: () => hasEnded(state(), signedOutCode),
    /** Whether the server cannot be reached, for longer than it takes to come back to it. */
    isAway: absence.isLong,
    request,
    /** Sends a frame that has no answer; without a connection it is dropped. */
    tell: <Op extends 'typing' | 'presence'>(op: Op, fields: FieldsOf<Op>): void => {
      if (state().at === 'ready') send(op, replies.next(), fields);
    },
    start: (): void => {
      absence.begin(awayAfterMs.start);
      void connect();
    },
    /** The network is back or the person is: no reason to wait longer. */
    hurry: (): void => {
      if (state().at === 'waiting') void connect();
    },
    /** The browser says that there is no network: a socket that only looks open is given up at once. */
    offline: (): void => {
      absence.beginLong();
      if (state().at === 'ready' || state().at === 'connecting') lost(1006);
    },
    stop: (): void => {
      drop();
      absence.end();
      setState({ at: 'stopped' });
    },
  };
};

const hasEnded = (state: ConnectionState, code: number): boolean => state.at === 'ended' && state.code === code;

/** The browser's WebSocket. */
export const openBrowserSocket: OpenSocket = (url, on) => {
  const socket = new WebSocket(url);
  socket.onmessage = (event) => on.message(String(event.data));
  socket.onclose = (event) => on.closed(event.code);
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
  };
};
