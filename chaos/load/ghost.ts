import { createOutbox } from '../../dev/testing/chat-outbox.ts';
import { type ChatSocket, openSocket } from '../../dev/testing/chat-socket.ts';
import { canaryLength, type HistoryEvent, type Note } from '../../dev/testing/history.ts';
import { expectStatus, type Person } from '../../dev/testing/person.ts';

export interface GhostOptions {
  readonly name: string;
  readonly person: Person;
  /** Where it goes on sending. */
  readonly c: string;
  readonly record: (event: HistoryEvent) => void;
  readonly random: () => number;
}

export interface Ghost {
  readonly name: string;
  /** Tries again and again, for some seconds. */
  haunt(): Promise<void>;
  stop(): void;
}

const tries = 20;
const pauseMs = 300;
const answerTimeoutMs = 5000;

/**
 * Keeps the cookie and a socket of a session that is about to end, and goes on with both as if nothing had happened, over the socket and over HTTP in turn, and opens another one. What
 * is accepted then, `ack` or `resumed`, is for the judge; what is refused is noted too.
 */
export const startGhost = async ({ name, person, c, record, random }: GhostOptions): Promise<Ghost> => {
  const old = withCookie(person, person.cookies.header(person.url));
  let socket = await enter(old);
  let isStopped = false;
  let isRefused = false;
  let isSocketsTurn = true;
  let sent = '';
  const note: Note = (event) => {
    if (event.k === 'send') sent = event.clientId;
    record({ at: Date.now(), who: name, ...event } as HistoryEvent);
  };
  const outbox = createOutbox({
    ...{ person: () => old, socket: () => (isSocketsTurn ? socket : undefined), note, random, answerTimeoutMs },
    isStopped: () => isStopped || isRefused,
    onSignedOut: async () => {
      isRefused = true;
      note({ k: 'refused', c, clientId: sent, code: 'signed-out' });
    },
  });
  const tryOnce = async () => {
    isRefused = false;
    await outbox.send(c, `${c.slice(0, canaryLength)} of a ghost`).catch(() => undefined);
    isSocketsTurn = !isSocketsTurn;
    if (socket?.isOpen) return;
    socket = await enter(old);
    if (socket) note({ k: 'resumed' });
  };
  return {
    name,
    async haunt() {
      for (let count = 0; count < tries && !isStopped; count++) {
        await tryOnce();
        await Bun.sleep(pauseMs);
      }
      socket?.close();
    },
    stop() {
      isStopped = true;
      socket?.close();
    },
  };
};

/** A socket that is used; undefined where there is none to be had. */
const enter = async (person: Person): Promise<ChatSocket | undefined> => {
  try {
    const socket = await openSocket(person, { withCookie: true, keepPushes: false });
    const reply = await socket.request('resume', { conversations: [] });
    if ('ok' in reply) return socket;
    socket.close();
  } catch {
    // No ticket, no socket, or no answer.
  }
  return undefined;
};

/** The answer to a sign-out takes the cookie from whoever heeds it. */
const withCookie = (person: Person, cookie: string): Person => {
  const call: Person['call'] = (method, path, body, headers) => person.call(method, path, body, { ...headers, cookie });
  const ticket: Person['ticket'] = async () =>
    expectStatus(await call<never>('POST', '/bff/realtime-ticket'), 200, 201).body;
  return { ...person, call, ticket };
};
