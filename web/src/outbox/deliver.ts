import type { Changed, Sent } from '@chatapp/contract/http-messages';
import { ApiError, type FailureCode, isTemporary } from '../api/api-error.ts';
import type { MessagesApi } from '../api/messages-api.ts';
import { resendDelayMs } from '../realtime/backoff.ts';
import type { Clock } from '../realtime/clock.ts';
import type { Connection } from '../realtime/connection.ts';
import { SocketRefusal } from '../realtime/replies.ts';
import { within } from '../realtime/within.ts';
import type { OutboxItem } from './outbox-item.ts';

/**
 * What became of one try. `later`: unknown or not now; `fault`: the server failed at it, and may again. The same command may be tried
 * again after both, whatever happened to it.
 */
export type Outcome =
  | { at: 'saved'; seq: number; rev: number }
  | { at: 'refused'; code: FailureCode }
  | { at: 'later'; afterMs: number | undefined }
  | { at: 'fault' };
export type Deliver = (item: OutboxItem) => Promise<Outcome>;

export type DeliverParts = {
  connection: Pick<Connection, 'ready' | 'request'>;
  api: MessagesApi;
  clock: Clock;
  random: () => number;
};

/** A node forgets after this time who waits for an answer: then it says nothing about the socket any more. */
const owedForMs = 60_000;

/** Sends a command over the socket, or over HTTP where there is none, or none that answers. */
export const createDeliver = ({ connection, api, clock, random }: DeliverParts): Deliver => {
  // Answers that the socket owes past their time. It takes no command meanwhile: each would wait for as long. They come late, are lost
  // with the socket, or are given up.
  const owed = new Set<Promise<unknown>>();
  const bySocket = async (item: OutboxItem): Promise<Outcome | undefined> => {
    try {
      const asked = request(connection, item);
      const answer = await within(clock, resendDelayMs(item.attempts, random), asked);
      if (answer) return { at: 'saved', ...answer };
      owed.add(asked);
      const paid = () => void owed.delete(asked);
      asked.then(paid, paid);
      clock.after(owedForMs, paid);
      return { at: 'later', afterMs: 0 };
    } catch (error) {
      if (!(error instanceof SocketRefusal)) return undefined;
      if (!error.temporary) return { at: 'refused', code: error.code };
      return error.code === 'rate-limited' ? { at: 'later', afterMs: error.retryAfterMs } : undefined;
    }
  };
  const usesSocket = () => connection.ready() && owed.size === 0;
  return async (item) => (usesSocket() ? await bySocket(item) : undefined) ?? byHttp(api, item);
};

const byHttp = async (api: MessagesApi, item: OutboxItem): Promise<Outcome> => {
  try {
    return { at: 'saved', ...(await post(api, item)) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'internal') return { at: 'fault' };
    // 401: the person signs in again, and it goes then.
    if (error.status === 401 || isTemporary(error.code)) return { at: 'later', afterMs: error.retryAfterMs };
    return { at: 'refused', code: error.code };
  }
};

const request = ({ request }: Pick<Connection, 'request'>, item: OutboxItem): Promise<Sent | Changed> => {
  const { conversationId, clientId, op } = item;
  const common = { conversationId, clientId };
  switch (op.kind) {
    case 'send':
      return request('message.send', {
        ...common,
        body: op.body,
        ...(op.replyTo !== null && { replyTo: op.replyTo }),
      });
    case 'edit':
      return request('message.edit', { ...common, seq: op.seq, body: op.body });
    case 'delete':
      return request('message.delete', { ...common, seq: op.seq });
    case 'react':
      return request('reaction.set', { ...common, seq: op.seq, emoji: op.emoji, on: op.on });
    default:
      return op satisfies never;
  }
};

const post = async (api: MessagesApi, { conversationId, clientId, op }: OutboxItem): Promise<Changed> => {
  switch (op.kind) {
    case 'send':
      return api.send(conversationId, { clientId, body: op.body, replyTo: op.replyTo });
    case 'edit':
      return api.edit(conversationId, op.seq, op.body, clientId);
    case 'delete':
      return (await api.remove(conversationId, op.seq, clientId)) ?? { seq: op.seq, rev: 0 };
    case 'react':
      return (await api.react(conversationId, op.seq, op, clientId)) ?? { seq: op.seq, rev: 0 };
    default:
      return op satisfies never;
  }
};
