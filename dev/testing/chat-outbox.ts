import type { Reply } from '@chatapp/contract/frames';
import type { Changed, Sent } from '@chatapp/contract/http-messages';
import type { ChatSocket } from './chat-socket.ts';
import { failedAnswer, failedReply, unanswered } from './failed-request.ts';
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
  /** Edits an own message, or deletes it where `body` is null; `rev` is 0 where the answer does not tell. */
  change(conversationId: string, seq: number, body: string | null): Promise<Changed>;
  /** Commands that wait for their answer, or for their turn. */
  readonly pending: number;
}

/** How one command goes over the socket, and over HTTP. */
interface Command {
  readonly name: string;
  bySocket(socket: ChatSocket, timeoutMs: number): Promise<Reply>;
  overHttp(person: Person): Promise<Answer<unknown>>;
}

/** `ms` is how long an answer took over HTTP. */
interface Answered {
  readonly answer: unknown;
  readonly ms?: number;
}

type Outcome = Answered | { refused: string } | { againMs: number } | { signedOut: true };

/** "How a message travels", 1 and 6: one command a conversation in flight, again with the same clientId until it is answered. */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { note } = options;
  const queues = new Map<string, Promise<unknown>>();
  let pending = 0;

  const inTurn = <T>(c: string, work: () => Promise<T>): Promise<T> => {
    pending++;
    const before = queues.get(c) ?? Promise.resolve();
    const turn = before
      .catch(() => undefined)
      .then(work)
      .finally(() => pending--);
    queues.set(c, turn);
    return turn;
  };

  return {
    send: (c, body) =>
      inTurn(c, async () => {
        const clientId = crypto.randomUUID();
        note({ k: 'send', c, clientId, body, by: options.person().userId });
        const { answer, ...took } = await untilAnswered(sendCommand(c, clientId, body), { c, clientId }, options);
        const sent = answer as Sent;
        note({ k: 'ack', c, clientId, id: sent.id, seq: sent.seq, ...took });
        return { ...sent, clientId };
      }),
    change: (c, seq, body) =>
      inTurn(c, async () => {
        const clientId = crypto.randomUUID();
        note({ k: 'change', c, clientId, seq, body });
        const command = changeCommand(c, clientId, seq, body);
        const { answer, ...took } = await untilAnswered(command, { c, clientId }, options);
        // Over HTTP a deletion is answered without a body.
        const changed = (answer as Changed | undefined) ?? { seq, rev: 0 };
        note({ k: 'changed', c, clientId, seq, rev: changed.rev, ...took });
        return changed;
      }),
    get pending() {
      return pending;
    },
  };
};

const sendCommand = (conversationId: string, clientId: string, body: string): Command => ({
  name: 'message.send',
  bySocket: (socket, timeoutMs) => socket.request('message.send', { conversationId, clientId, body }, timeoutMs),
  overHttp: (person) =>
    person.call('POST', `/api/messages/conversations/${conversationId}/messages`, { clientId, body }),
});

const changeCommand = (conversationId: string, clientId: string, seq: number, body: string | null): Command => {
  const path = `/api/messages/conversations/${conversationId}/messages/${seq}`;
  const key = { 'idempotency-key': clientId };
  return body === null
    ? {
        name: 'message.delete',
        bySocket: (socket, timeoutMs) => socket.request('message.delete', { conversationId, clientId, seq }, timeoutMs),
        overHttp: (person) => person.call('DELETE', path, undefined, key),
      }
    : {
        name: 'message.edit',
        bySocket: (socket, timeoutMs) =>
          socket.request('message.edit', { conversationId, clientId, seq, body }, timeoutMs),
        overHttp: (person) => person.call('PATCH', path, { body }, key),
      };
};

const untilAnswered = async (
  command: Command,
  { c, clientId }: { c: string; clientId: string },
  options: OutboxOptions,
): Promise<Answered> => {
  while (!options.isStopped()) {
    const outcome = await attempt(command, clientId, options);
    if ('answer' in outcome) return outcome;
    if ('refused' in outcome) {
      options.note({ k: 'refused', c, clientId, code: outcome.refused });
      throw new Error(`refused: ${outcome.refused}`);
    }
    if ('signedOut' in outcome) await options.onSignedOut();
    else await Bun.sleep(outcome.againMs * (0.5 + options.random()));
  }
  throw new Error('stopped');
};

/** One try by socket, or over HTTP while no socket is open or the socket says that it cannot now. */
const attempt = async (command: Command, clientId: string, options: OutboxOptions): Promise<Outcome> => {
  const note: Note = (event) => options.note({ ...event, clientId } as Parameters<Note>[0]);
  const noted = { ...options, note };
  const socket = options.socket();
  const bySocket = socket?.isOpen ? await attemptBySocket(socket, command, noted) : undefined;
  return bySocket ?? (await attemptOverHttp(command, noted));
};

const afterSilence: Outcome = { againMs: 200 };

const attemptBySocket = async (
  socket: ChatSocket,
  command: Command,
  { note, answerTimeoutMs }: OutboxOptions,
): Promise<Outcome | undefined> => {
  const startedAt = performance.now();
  const reply = await command.bySocket(socket, answerTimeoutMs).catch(() => undefined);
  const ms = Math.round(performance.now() - startedAt);
  if (!reply) {
    note(unanswered(command.name, ms));
    return afterSilence;
  }
  if ('ok' in reply) return { answer: reply.ok };
  if (!reply.error.temporary) return { refused: reply.error.code };
  note(failedReply(command.name, reply.error, ms));
  return undefined;
};

const attemptOverHttp = async (command: Command, { person, note }: OutboxOptions): Promise<Outcome> => {
  const op = `HTTP ${command.name}`;
  const startedAt = performance.now();
  const answer = await command.overHttp(person()).catch(() => undefined);
  const ms = Math.round(performance.now() - startedAt);
  if (!answer) {
    note(unanswered(op, ms));
    return afterSilence;
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { answer: answer.body, ms };
  if (status === 401) return { signedOut: true };
  const failed = failedAnswer(op, answer, ms);
  if (status !== 429 && status < 500) return { refused: failed.code };
  note(failed);
  return { againMs: Math.min(5000, Math.max(100, failed.retryAfterMs ?? 500)) };
};
