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
  // What came while answers are on their way is done again on top of each, since it may not know of it.
  const arriving = new Set<(() => void)[]>();
  let loads = 0;
  let answered = 0;
  let asking: (() => void) | undefined;
  let isStopped = false;

  const apply = (change: () => void) => {
    for (const since of arriving) since.push(change);
    change();
  };

  const load = async (attempt = 0) => {
    const mine = ++loads;
    const since: (() => void)[] = [];
    arriving.add(since);
    const items = await api.unread().finally(() => arriving.delete(since));
    if (mine < answered) return;
    answered = mine;
    const fresh: Record<string, UnreadRow> = {};
    for (const server of items) {
      const row = withServerRow(server, rows.get(server.conversationId));
      fresh[server.conversationId] = row;
      if (row.lastReadSeq > server.lastReadSeq && row.unread > 0) askLater(attempt);
    }
    rows.replace(fresh);
    for (const change of since) change();
    setLoaded(true);
  };

  /** Asks the server again, soon, and once for several reasons, until it answers. */
  const ask = (attempt = 0) => {
    asking?.();
    asking = clock.after(attempt === 0 ? askAgainMs : reconnectDelayMs(attempt, random), () => {
      asking = undefined;
      load(attempt).catch(() => askLater(attempt));
    });
  };
  const askLater = (attempt: number) => isStopped || asking || ask(attempt + 1);

  const count = (message: Message) => {
    const row = rows.get(message.conversationId);
    // In a conversation that is new here only the server knows where my marker is.
    if (!row && loaded()) return void (asking || ask());
    const next = withMessage(row ?? emptyRow(message.conversationId), message, me);
    if (next === 'ask') ask();
    else if (next !== row) rows.put(message.conversationId, next);
  };

  const read = (c: string, seq: number, markedUnread: boolean | undefined) => {
    const row = rows.get(c) ?? emptyRow(c);
    const next = withRead(row, seq);
    if (next === 'ask') {
      rows.put(c, { ...row, lastReadSeq: seq });
      ask();
    } else if (markedUnread !== undefined) rows.put(c, { ...next, markedUnread });
    else if (next !== row) rows.put(c, next);
  };

  return {
    /** Whether the server has answered once. */
    loaded,
    of: (c: string): UnreadRow => rows.get(c) ?? emptyRow(c),
    load: (): Promise<void> => load(),
    count: (messages: readonly Message[]): void => {
      for (const message of messages) apply(() => count(message));
    },
    /** My marker moved to `seq`. */
    read: (c: string, seq: number, markedUnread?: boolean): void => apply(() => read(c, seq, markedUnread)),
    /** Sets or clears the flag that stands beside the count. Throws `ApiError`. */
    mark: async (c: string, markedUnread = true): Promise<void> => {
      await api.markUnread(c, markedUnread, newId());
      apply(() => rows.put(c, { ...(rows.get(c) ?? emptyRow(c)), markedUnread }));
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
