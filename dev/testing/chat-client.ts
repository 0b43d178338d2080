import type { Push } from '@chatapp/contract/frames';
import type { Changed, Sent } from '@chatapp/contract/http-messages';
import type { Message } from '@chatapp/contract/shapes';
import { createFollower } from './chat-follower.ts';
import { createOutbox } from './chat-outbox.ts';
import { type ChatSocket, type ChatSocketOptions, HandshakeRefused, openSocket } from './chat-socket.ts';
import { isSignedOut, noting, refusedHandshake } from './failed-request.ts';
import type { HistoryEvent, Note } from './history.ts';
import type { Person } from './person.ts';

export type { HistoryEvent } from './history.ts';

export interface ChatClientOptions {
  readonly person: Person;
  /** The conversations that it follows. */
  readonly conversations: readonly string[];
  readonly record?: (event: HistoryEvent) => void;
  /** Who it is in the history; the person's login unless said. */
  readonly name?: string;
  readonly random?: () => number;
  /** In place of the ticket's socket address. */
  readonly socketUrl?: string;
  /** How long it waits for an answer before it asks again with the same clientId, ms. */
  readonly answerTimeoutMs?: number;
  /** What it does when its session has ended; without it the client stops then. */
  readonly signInAgain?: () => Promise<Person>;
  /** Stays until it is closed when it is told to go away, as a client does that does not know the word. */
  readonly waitsForClose?: boolean;
  /** Whether it ends a socket whose pings nobody answers; it does unless this is false. */
  readonly pings?: boolean;
  /** Forgets the texts: for loads that see more than memory should hold; `timeline` is empty then. */
  readonly slim?: boolean;
}

export interface ChatClient {
  readonly person: Person;
  readonly isResumed: boolean;
  /** Messages that wait for their answer, or for their turn. */
  readonly pending: number;
  /** Queues a message; one command a conversation is in flight; resolves when it is acknowledged, however often it has to ask. */
  send(conversationId: string, body: string): Promise<Sent & { clientId: string }>;
  /** Edits an own message, or deletes it where `body` is null, in the same queue. */
  change(conversationId: string, seq: number, body: string | null): Promise<Changed>;
  /** What it has of a conversation, in `seq` order, each message once. */
  timeline(conversationId: string): Message[];
  /** How far it has a conversation: the `rev` up to which nothing is missing, and how many messages it holds. */
  position(conversationId: string): { have: number; messages: number };
  stop(): void;
}

const reconnectMs = { base: 250, cap: 3000 };
const pongTimeoutMs = 10_000;

/**
 * A client as protocol.md describes it ("Catching up", "How a message travels" 1 and 6): resumes from what it has, never passes over a hole,
 * sends again with the same clientId until it is answered, and notices a dead network by its pings.
 */
export const startChatClient = (options: ChatClientOptions): ChatClient => {
  const { random = Math.random, answerTimeoutMs = 5000, name = options.person.login } = options;
  const note: Note = (event) => options.record?.({ at: Date.now(), who: name, ...event } as HistoryEvent);
  let person = options.person;
  let socket: ChatSocket | undefined;
  let resumed = false;
  let stopped = false;
  let signingIn: Promise<void> | undefined;

  const follower = createFollower({
    conversations: options.conversations,
    note,
    get: (path) => person.call('GET', path),
    onLost: () => socket?.terminate(),
    slim: options.slim ?? false,
  });

  /** Once for all that notice it. */
  const onSignedOut = () => {
    const { signInAgain } = options;
    if (!signInAgain) stopped = true;
    else signingIn ??= signInOnceMore(signInAgain).finally(() => (signingIn = undefined));
    return signingIn ?? Promise.resolve();
  };
  const signInOnceMore = async (signInAgain: () => Promise<Person>) => {
    note({ k: 'signed-out' });
    while (!stopped) {
      try {
        person = await signInAgain();
        note({ k: 'signed-in' });
        return;
      } catch {
        await Bun.sleep(500 * (0.5 + random()));
      }
    }
  };

  const outbox = createOutbox({
    ...{ person: () => person, socket: () => socket, note, random, answerTimeoutMs, isStopped: () => stopped },
    onSignedOut,
  });

  const go = (from: ChatSocket | undefined) => {
    if (!from?.isOpen) return;
    note({ k: 'goes' });
    from.close();
  };

  const onPush = (push: Push) => {
    follower.onPush(push);
    if (push.e !== 'goaway') return;
    note({ k: 'goaway' });
    // The node drains, and names each client a moment of its own.
    if (!options.waitsForClose) setTimeout(go, push.afterMs, socket);
  };

  const ticket = () => noting('HTTP ticket', note, () => person.ticket());

  /** A socket, and a note where a server said no. */
  const handshake = async (socketOptions: ChatSocketOptions) => {
    const startedAt = performance.now();
    try {
      return await openSocket({ ...person, ticket }, socketOptions);
    } catch (error) {
      const ms = Math.round(performance.now() - startedAt);
      if (error instanceof HandshakeRefused) note(refusedHandshake(error.status, ms));
      throw error;
    }
  };

  const connectOnce = async () => {
    follower.hold();
    const address = options.socketUrl ? { url: options.socketUrl } : {};
    const open = await handshake({ onPush, keepPushes: !options.slim, ...address });
    socket = open;
    note({ k: 'connected' });
    void open.closed.then(({ code }) => note({ k: 'closed', code }));
    await follower.resume(open);
    resumed = true;
    return open;
  };

  const keepAlive = (open: ChatSocket) => {
    const hello = open.pushes.find((push) => push.e === 'hello');
    const ask = () => open.request('ping', {}, pongTimeoutMs).catch(() => open.terminate());
    return setInterval(ask, hello?.pingIntervalMs ?? 25_000);
  };

  /** Of one that did not come to be resumed, too, how it closed is noted before the next is. */
  const giveUp = async (from: ChatSocket | undefined) => {
    from?.terminate();
    await from?.closed;
  };

  const run = async () => {
    for (let failures = 0; !stopped; ) {
      try {
        const open = await connectOnce();
        failures = 0;
        const pinging = options.pings === false ? undefined : keepAlive(open);
        const { code } = await open.closed;
        clearInterval(pinging);
        if (code === 4501) await onSignedOut();
        else if (code >= 4500) return;
      } catch (error) {
        failures++;
        if (isSignedOut(error)) await onSignedOut();
      }
      resumed = false;
      await giveUp(socket);
      socket = undefined;
      await Bun.sleep(random() * Math.min(reconnectMs.cap, reconnectMs.base * 2 ** failures));
    }
  };
  run();

  return {
    get person() {
      return person;
    },
    get isResumed() {
      return resumed && socket?.isOpen === true;
    },
    get pending() {
      return outbox.pending;
    },
    send: outbox.send,
    change: outbox.change,
    timeline: (c) => follower.timeline(c)?.messages() ?? [],
    position: (c) => ({ have: follower.timeline(c)?.have ?? 0, messages: follower.timeline(c)?.size ?? 0 }),
    stop() {
      stopped = true;
      socket?.close();
    },
  };
};
