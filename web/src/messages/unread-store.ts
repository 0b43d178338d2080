import type { Message, UnreadRow } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import type { MessagesApi } from '../api/messages-api.ts';
import { reconnectDelayMs } from '../realtime/backoff.ts';
import type { Clock } from '../realtime/clock.ts';
import { createTable } from '../ui/table.ts';
import { withMessage, withRead, withServerRow } from './unread.ts';

export type UnreadParts = {
  api: Pick<MessagesApi, 'unread' | 'markUnread'>;
  me: string;
  clock: Clock;
  random: () => number;
  newId: () => string;
};
export type Unread = ReturnType<typeof createUnread>;

const askAgainMs = 400;

/** Unread counts of all conversations: the server's answer, carried on by what is pushed. */
export const createUnread = ({ api, me, clock, random, newId }: UnreadParts) => {
  const rows = createTable<UnreadRow>();
  const [loaded, setLoaded] = createSignal(false);
  // Created while answers are on their way: counted again on top of each, since it may not know them.
  const arriving = new Set<Message[]>();
  let loads = 0;
  let answered = 0;
  let asking: (() => void) | undefined;
  let isStopped = false;

  const load = async () => {
    const mine = ++loads;
    const since: Message[] = [];
    arriving.add(since);
    const items = await api.unread().finally(() => arriving.delete(since));
    if (mine < answered) return;
    answered = mine;
    const fresh = Object.fromEntries(
      items.map((row) => [row.conversationId, withServerRow(row, rows.get(row.conversationId))]),
    );
    rows.replace(fresh);
    for (const message of since) count(message);
    setLoaded(true);
  };

  /** Asks the server again, soon, and once for several reasons, until it answers. */
  const ask = (attempt = 0) => {
    asking?.();
    asking = clock.after(attempt === 0 ? askAgainMs : reconnectDelayMs(attempt, random), () => {
      asking = undefined;
      load().catch(() => isStopped || asking || ask(attempt + 1));
    });
  };

  const count = (message: Message) => {
    const row = rows.get(message.conversationId) ?? emptyRow(message.conversationId);
    const next = withMessage(row, message, me);
    if (next === 'ask') ask();
    else if (next !== row) rows.put(message.conversationId, next);
  };

  return {
    /** Whether the server has answered once. */
    loaded,
    of: (c: string): UnreadRow => rows.get(c) ?? emptyRow(c),
    load,
    count: (messages: readonly Message[]): void => {
      for (const message of messages) {
        for (const since of arriving) since.push(message);
        count(message);
      }
    },
    /** My marker moved to `seq`. */
    read: (c: string, seq: number, markedUnread?: boolean): void => {
      const row = rows.get(c) ?? emptyRow(c);
      const next = withRead(row, seq);
      if (next === 'ask') {
        rows.put(c, { ...row, lastReadSeq: seq });
        ask();
      } else if (markedUnread !== undefined) rows.put(c, { ...next, markedUnread });
      else if (next !== row) rows.put(c, next);
    },
    /** Sets or clears the flag that stands beside the count. Throws `ApiError`. */
    mark: async (c: string, markedUnread = true): Promise<void> => {
      await api.markUnread(c, markedUnread, newId());
      rows.put(c, { ...(rows.get(c) ?? emptyRow(c)), markedUnread });
    },
    stop: (): void => {
      isStopped = true;
      asking?.();
    },
  };
};

const emptyRow = (conversationId: string): UnreadRow => ({
  conversationId,
  headSeq: 0,
  lastReadSeq: 0,
  unread: 0,
  mentions: 0,
  markedUnread: false,
});
