import type { Push, Resumed } from '@chatapp/contract/frames';
import type { ChangesPage, MessagePage, Sent } from '@chatapp/contract/http-messages';
import type { Message } from '@chatapp/contract/shapes';
import { type ChatSocket, openSocket } from './chat-socket.ts';
import type { Person } from './person.ts';

/** What a client did and saw, for a judge who knows nothing of the services. `at` is in ms since the epoch. */
export type HistoryEvent = { readonly at: number; readonly who: string } & (
  | { readonly k: 'send'; readonly c: string; readonly clientId: string; readonly body: string; readonly by?: string }
  | { readonly k: 'ack'; readonly c: string; readonly clientId: string; readonly id: string; readonly seq: number }
  | { readonly k: 'refused'; readonly c: string; readonly clientId: string; readonly code: string }
  | {
      readonly k: 'seen';
      readonly c: string;
      readonly seq: number;
      readonly rev: number;
      readonly id: string;
      readonly clientId: string;
      readonly via: Road;
      /** The first characters of its body: whoever sends may put there where it belongs. */
      readonly canary?: string;
    }
  /** A state that came again, or late, and was dropped. */
  | { readonly k: 'repeat'; readonly c: string; readonly seq: number; readonly rev: number; readonly id: string }
  /** An attempt that was answered with a temporary error, or not at all (`status` 0); `ms` is how long that took. */
  | {
      readonly k: 'error';
      readonly op: string;
      readonly status: number;
      readonly code: string;
      readonly ms: number;
      readonly retryAfterMs?: number;
    }
  /** A member of the conversation from now on, and no longer. */
  | { readonly k: 'joined' | 'left'; readonly c: string }
  /** Its session began, and ended, by its own will or not. */
  | { readonly k: 'signed-in' | 'signed-out' }
  | { readonly k: 'connected' | 'resumed' }
  | { readonly k: 'reset'; readonly c: string }
  | { readonly k: 'closed'; readonly code: number }
);

/** By which road a state of a message came. */
export type Road = 'push' | 'resume' | 'changes' | 'page';

type Unstamped<E> = E extends unknown ? Omit<E, 'at' | 'who'> : never;

export interface ChatClientOptions {
  readonly person: Person;
  /** The conversations that it follows. */
  readonly conversations: readonly string[];
  readonly record?: (event: HistoryEvent) => void;
  readonly random?: () => number;
  /** In place of the ticket's socket address. */
  readonly socketUrl?: string;
  /** How long it waits for an answer before it asks again with the same clientId, ms. */
  readonly answerTimeoutMs?: number;
}

export interface ChatClient {
  readonly person: Person;
  readonly isResumed: boolean;
  /** Queues a message; one command a conversation is in flight; resolves when it is acknowledged, however often it has to ask. */
  send(conversationId: string, body: string): Promise<Sent & { clientId: string }>;
  /** What it has of a conversation, in `seq` order, each message once. */
  timeline(conversationId: string): Message[];
  stop(): void;
}

const reconnectMs = { base: 250, cap: 3000 };

/**
 * A client as protocol.md describes it ("Catching up", "How a message travels" 1 and 6): resumes from what it has, never passes over a hole,
 * sends again with the same clientId until it is answered.
 */
export const startChatClient = (options: ChatClientOptions): ChatClient => {
  const { person, random = Math.random, answerTimeoutMs = 5000 } = options;
  const record = (event: Unstamped<HistoryEvent>) =>
    options.record?.({ at: Date.now(), who: person.login, ...event } as HistoryEvent);
  const timelines = new Map(options.conversations.map((c) => [c, createTimeline()]));
  let socket: ChatSocket | undefined;
  let resumed = false;
  let stopped = false;
  let held: Push[] | undefined = [];

  const see = (c: string, message: Message, via: 'push' | 'resume' | 'changes' | 'page') => {
    if (!timelines.get(c)?.put(message)) return;
    const { seq, rev, id, clientId } = message;
    record({ k: 'seen', c, seq, rev, id, clientId, via });
  };

  /** Protocol.md: `to ≤ have` drop; `after ≤ have` apply; else fetch. */
  const apply = (
    c: string,
    after: number,
    to: number,
    changes: readonly Message[],
    via: 'push' | 'resume' | 'changes',
  ) => {
    const timeline = timelines.get(c);
    if (!timeline || to <= timeline.have) return;
    if (after > timeline.have) {
      fillHole(c).catch(() => undefined);
      return;
    }
    for (const change of changes) see(c, change, via);
    timeline.have = to;
  };

  const fillHole = async (c: string) => {
    const timeline = timelines.get(c);
    if (!timeline || timeline.filling) return;
    timeline.filling = true;
    try {
      for (let more = true; more; ) {
        const path = `/api/messages/conversations/${c}/changes?after=${timeline.have}`;
        const { status, body } = await person.call<ChangesPage>('GET', path);
        if (status !== 200) throw new Error(`changes answered ${status}`);
        apply(c, body.after, body.to, body.changes, 'changes');
        more = body.to < body.headRev;
      }
    } finally {
      timeline.filling = false;
    }
  };

  /** After a reset: the whole history, because a judge wants to see all of it. */
  const reload = async (c: string) => {
    const timeline = timelines.get(c);
    if (!timeline) return;
    record({ k: 'reset', c });
    timeline.clear();
    let have: number | undefined;
    for (let after = 0; ; ) {
      const path = `/api/messages/conversations/${c}/messages?after=${after}&limit=100`;
      const { status, body } = await person.call<MessagePage>('GET', path);
      if (status !== 200) throw new Error(`history answered ${status}`);
      have ??= body.headRev;
      for (const message of body.items) see(c, message, 'page');
      const last = body.items.at(-1)?.seq;
      if (last === undefined || last >= body.headSeq) break;
      after = last;
    }
    timeline.have = have ?? 0;
  };

  const onPush = (push: Push) => {
    if (held) held.push(push);
    else if (push.e === 'message') apply(push.c, push.rev - 1, push.rev, [push.message], 'push');
    else if (push.e === 'changes') apply(push.c, push.after, push.to, push.changes, 'push');
  };

  const resume = async (open: ChatSocket) => {
    const conversations = [...timelines].map(([c, { have }]): [string, number] => [c, have]);
    const reply = await open.request('resume', { conversations });
    if ('error' in reply) throw new Error(`resume: ${reply.error.code}`);
    for (const answer of (reply.ok as Resumed).conversations) {
      if ('reset' in answer) await reload(answer.c);
      else if ('changes' in answer) {
        apply(answer.c, answer.after, answer.to, answer.changes, 'resume');
        if (answer.to < answer.headRev) await fillHole(answer.c);
      }
    }
    const waiting = held ?? [];
    held = undefined;
    for (const push of waiting) onPush(push);
    resumed = true;
    record({ k: 'resumed' });
  };

  const connectOnce = async () => {
    held = [];
    const open = await openSocket(person, { onPush, ...(options.socketUrl ? { url: options.socketUrl } : {}) });
    socket = open;
    record({ k: 'connected' });
    await resume(open);
    return open;
  };

  const run = async () => {
    for (let failures = 0; !stopped; ) {
      try {
        const open = await connectOnce();
        failures = 0;
        const { code } = await open.closed;
        record({ k: 'closed', code });
        if (code >= 4500) return;
      } catch {
        failures++;
      }
      resumed = false;
      socket?.close();
      socket = undefined;
      await Bun.sleep(random() * Math.min(reconnectMs.cap, reconnectMs.base * 2 ** failures));
    }
  };
  run();

  const queues = new Map<string, Promise<unknown>>();
  const sendNow = async (c: string, body: string) => {
    const clientId = crypto.randomUUID();
    record({ k: 'send', c, clientId, body });
    while (!stopped) {
      const answer = await attempt(socket, person, { c, clientId, body }, answerTimeoutMs);
      if ('sent' in answer) {
        const { id, seq } = answer.sent;
        record({ k: 'ack', c, clientId, id, seq });
        return { ...answer.sent, clientId };
      }
      if (answer.refused !== undefined) {
        record({ k: 'refused', c, clientId, code: answer.refused });
        throw new Error(`refused: ${answer.refused}`);
      }
      await Bun.sleep(answer.againMs * (0.5 + random()));
    }
    throw new Error('stopped');
  };

  return {
    person,
    get isResumed() {
      return resumed && socket?.isOpen === true;
    },
    send(c, body) {
      const turn = (queues.get(c) ?? Promise.resolve()).catch(() => undefined).then(() => sendNow(c, body));
      queues.set(c, turn);
      return turn;
    },
    timeline: (c) => timelines.get(c)?.messages() ?? [],
    stop() {
      stopped = true;
      socket?.close();
    },
  };
};

interface Timeline {
  have: number;
  filling: boolean;
  /** Whether it was new, or newer than what was known: of two states the higher `rev` stays. */
  put(message: Message): boolean;
  messages(): Message[];
  clear(): void;
}

const createTimeline = (): Timeline => {
  const bySeq = new Map<number, Message>();
  return {
    have: 0,
    filling: false,
    put(message) {
      const known = bySeq.get(message.seq);
      if (known && known.rev >= message.rev) return false;
      bySeq.set(message.seq, message);
      return true;
    },
    messages: () => [...bySeq.values()].sort((one, other) => one.seq - other.seq),
    clear: () => bySeq.clear(),
  };
};

type Attempt = { sent: Sent } | { refused: string } | { refused?: undefined; againMs: number };

/** One try by socket, or over HTTP while no socket is open or the socket says that it cannot now. */
const attempt = async (
  socket: ChatSocket | undefined,
  person: Person,
  message: { c: string; clientId: string; body: string },
  timeoutMs: number,
): Promise<Attempt> => {
  const { c: conversationId, clientId, body } = message;
  try {
    if (socket?.isOpen) {
      const reply = await socket.request('message.send', { conversationId, clientId, body }, timeoutMs);
      if ('ok' in reply) return { sent: reply.ok as Sent };
      if (!reply.error.temporary) return { refused: reply.error.code };
    }
    const path = `/api/messages/conversations/${conversationId}/messages`;
    const answer = await person.call<Sent & { code?: string }>('POST', path, { clientId, body });
    if (answer.status === 200 || answer.status === 201) return { sent: answer.body };
    if (answer.status === 429 || answer.status >= 500) return { againMs: 500 };
    return { refused: answer.body?.code ?? String(answer.status) };
  } catch {
    return { againMs: 200 };
  }
};
