import type { Sent } from '@chatapp/contract/http-messages';
import { type ProblemCode, problems } from '@chatapp/contract/problem';
import type { ChatSocket } from './chat-socket.ts';
import type { Note } from './history.ts';
import type { Answer, Person } from './person.ts';

export interface OutboxOptions {
  readonly person: () => Person;
  readonly socket: () => ChatSocket | undefined;
  readonly note: Note;
  readonly random: () => number;
  /** How long it waits for an answer before it asks again with the same clientId, ms. */
  readonly answerTimeoutMs: number;
  readonly isStopped: () => boolean;
  /** Called when an attempt was answered with 401; it is repeated afterwards. */
  readonly onSignedOut: () => Promise<void>;
}

export interface Outbox {
  send(conversationId: string, body: string): Promise<Sent & { clientId: string }>;
  /** Messages that wait for their answer, or for their turn. */
  readonly pending: number;
}

interface Outgoing {
  readonly c: string;
  readonly clientId: string;
  readonly body: string;
}

type Outcome = { sent: Sent } | { refused: string } | { againMs: number } | { signedOut: true };

/** "How a message travels", 1 and 6: one command a conversation in flight, again with the same clientId until it is answered. */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { note, random } = options;
  const queues = new Map<string, Promise<unknown>>();
  let pending = 0;

  const sendNow = async (c: string, body: string) => {
    const outgoing: Outgoing = { c, clientId: crypto.randomUUID(), body };
    note({ k: 'send', ...outgoing, by: options.person().userId });
    while (!options.isStopped()) {
      const outcome = await attempt(outgoing, options);
      if ('sent' in outcome) {
        const { id, seq } = outcome.sent;
        note({ k: 'ack', c, clientId: outgoing.clientId, id, seq });
        return { ...outcome.sent, clientId: outgoing.clientId };
      }
      if ('refused' in outcome) {
        note({ k: 'refused', c, clientId: outgoing.clientId, code: outcome.refused });
        throw new Error(`refused: ${outcome.refused}`);
      }
      if ('signedOut' in outcome) await options.onSignedOut();
      else await Bun.sleep(outcome.againMs * (0.5 + random()));
    }
    throw new Error('stopped');
  };

  return {
    send(c, body) {
      pending++;
      const before = queues.get(c) ?? Promise.resolve();
      const turn = before
        .catch(() => undefined)
        .then(() => sendNow(c, body))
        .finally(() => pending--);
      queues.set(c, turn);
      return turn;
    },
    get pending() {
      return pending;
    },
  };
};

/** One try by socket, or over HTTP while no socket is open or the socket says that it cannot now. */
const attempt = async (outgoing: Outgoing, options: OutboxOptions): Promise<Outcome> => {
  const startedAt = performance.now();
  const ms = () => Math.round(performance.now() - startedAt);
  try {
    const socket = options.socket();
    const bySocket = socket?.isOpen ? await attemptBySocket(socket, outgoing, options, ms) : undefined;
    return bySocket ?? (await attemptOverHttp(outgoing, options));
  } catch {
    options.note({ k: 'error', op: 'message.send', status: 0, code: 'no-answer', ms: ms() });
    return { againMs: 200 };
  }
};

const attemptBySocket = async (
  socket: ChatSocket,
  { c: conversationId, clientId, body }: Outgoing,
  { note, answerTimeoutMs }: OutboxOptions,
  ms: () => number,
): Promise<Outcome | undefined> => {
  const reply = await socket.request('message.send', { conversationId, clientId, body }, answerTimeoutMs);
  if ('ok' in reply) return { sent: reply.ok as Sent };
  const { code, temporary, retryAfterMs } = reply.error;
  if (!temporary) return { refused: code };
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  note({ k: 'error', op: 'message.send', status: problems[code].status, code, ms: ms(), ...wait });
  return undefined;
};

const attemptOverHttp = async ({ c, clientId, body }: Outgoing, { person, note }: OutboxOptions): Promise<Outcome> => {
  const startedAt = performance.now();
  const path = `/api/messages/conversations/${c}/messages`;
  const answer = await person().call<Sent & { code?: ProblemCode }>('POST', path, { clientId, body });
  if (answer.status === 200 || answer.status === 201) return { sent: answer.body };
  const code = answer.body?.code ?? `status-${answer.status}`;
  if (answer.status === 401) return { signedOut: true };
  if (answer.status !== 429 && answer.status < 500) return { refused: code };
  const retryAfterMs = retryAfterOf(answer);
  const ms = Math.round(performance.now() - startedAt);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  note({ k: 'error', op: 'POST messages', status: answer.status, code, ms, ...wait });
  return { againMs: Math.min(5000, Math.max(100, retryAfterMs ?? 500)) };
};

const retryAfterOf = ({ headers }: Answer<unknown>): number | undefined => {
  const seconds = headers.get('retry-after');
  return seconds === null ? undefined : Number(seconds) * 1000;
};
