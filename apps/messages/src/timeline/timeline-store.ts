import type { ChangesOf, Head, MessagePage } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';
import type { Fragment, ISql } from 'postgres';
import { type MessageRow, messageColumns, toMessage } from './message-row-store.ts';

/** Which part of a conversation: `seq`s, both bounds excluded; without bounds the newest. */
export type Window =
  | { readonly side: 'newest' }
  | { readonly side: 'before'; readonly seq: number }
  | { readonly side: 'after'; readonly seq: number }
  | { readonly side: 'around'; readonly seq: number };

/** The first and the last seq of a window, as an SQL range: seqs have no holes, so a page is a range of the key and never an offset or a time. */
const rangeOf = (sql: ISql, window: Window, limit: number): Fragment => {
  switch (window.side) {
    case 'newest':
      return sql`m.seq > h.head_seq - ${limit}::bigint`;
    case 'before':
      // Above the end there is nothing: the newest then.
      return sql`m.seq < ${window.seq}::bigint AND m.seq >= least(${window.seq}::bigint, h.head_seq + 1) - ${limit}::bigint`;
    case 'after':
      return sql`m.seq > ${window.seq}::bigint AND m.seq <= ${window.seq}::bigint + ${limit}::bigint`;
    case 'around':
      return sql`m.seq >= ${window.seq - Math.floor(limit / 2)}::bigint AND m.seq < ${window.seq - Math.floor(limit / 2) + limit}::bigint`;
    default:
      throw new TypeError(`no such window: ${(window satisfies never as Window).side}`);
  }
};

type HeadRow = { head_seq: number; head_rev: number };
type OptionalMessageRow = MessageRow | { readonly seq: null };

const messagesOf = (rows: readonly OptionalMessageRow[]): Message[] =>
  rows.filter((row): row is MessageRow => row.seq !== null).map(toMessage);

/** A page of the history and the head, of one moment: one statement reads both. */
export const readPage = async (
  sql: ISql,
  conversationId: string,
  window: Window,
  limit: number,
): Promise<Omit<MessagePage, 'next'>> => {
  const rows = await sql<(HeadRow & OptionalMessageRow)[]>`
    SELECT h.head_seq, h.head_rev, ${messageColumns(sql)}
    FROM heads h LEFT JOIN messages m ON m.conversation_id = h.conversation_id AND ${rangeOf(sql, window, limit)}
    WHERE h.conversation_id = ${conversationId}`;
  // In order here: the plan reads the key in order anyhow, and a sort in the statement would be paid for on every page.
  const items = messagesOf(rows).sort((left, right) => left.seq - right.seq);
  return { items, headSeq: rows[0]?.head_seq ?? 0, headRev: rows[0]?.head_rev ?? 0 };
};

export interface ChangesWanted {
  readonly id: string;
  readonly after: number;
}

/**
 * The changes of conversations after a rev each, with the heads of the same moment, in the order asked; a conversation without a head
 * has none. What was never changed after its creation lies in a range of the key, because its rev grows with its seq: there are at most
 * `head_rev - after` such messages at the end. What was changed is found by its index. An answer is bounded over all: a conversation beyond
 * the bound gets an empty page that says by its `to` that it was cut.
 */
export const readChanges = async (
  sql: ISql,
  wanted: readonly ChangesWanted[],
  limit: number = limits.changesPageMax,
): Promise<ChangesOf[]> => {
  const rows = await sql<(HeadRow & OptionalMessageRow & { place: number; total: number })[]>`
    SELECT a.place, a.head_seq, a.head_rev, a.total, m.*
    FROM (
      SELECT k.place, k.id, k.after, h.head_seq, h.head_rev,
        sum(greatest(0, least(${limit}::bigint, h.head_rev - k.after))) OVER (ORDER BY k.place) AS total
      FROM unnest(${wanted.map(({ id }) => id)}::uuid[], ${wanted.map(({ after }) => after)}::bigint[]) WITH ORDINALITY AS k (id, after, place)
      JOIN heads h ON h.conversation_id = k.id
    ) a
    LEFT JOIN LATERAL (
      SELECT * FROM (
        (
          SELECT ${messageColumns(sql)} FROM messages m
          WHERE m.conversation_id = a.id AND m.changed AND m.rev > a.after AND m.rev <= a.head_rev
          ORDER BY m.rev LIMIT ${limit + 1}::bigint
        ) UNION ALL (
          SELECT ${messageColumns(sql)} FROM messages m
          WHERE m.conversation_id = a.id AND NOT m.changed AND m.seq > a.head_seq - (a.head_rev - a.after) AND m.rev > a.after
          ORDER BY m.seq LIMIT ${limit + 1}::bigint
        )
      ) u
      WHERE a.place = 1 OR a.total <= ${limits.changesPerAnswerMax}
    ) m ON true`;
  const found = Map.groupBy(rows, ({ place }) => place);
  return wanted.map((one, index) => toChanges(one, found.get(index + 1) ?? [], limit));
};

const toChanges = (
  { id, after }: ChangesWanted,
  rows: readonly (HeadRow & OptionalMessageRow & { place: number; total: number })[],
  limit: number,
): ChangesOf => {
  const [first] = rows;
  const headRev = first?.head_rev ?? 0;
  const isCutWhole = first !== undefined && first.place !== 1 && first.total > limits.changesPerAnswerMax;
  if (isCutWhole) return { id, changes: [], after, to: Math.min(after, headRev), headRev };
  const all = messagesOf(rows).sort((left, right) => left.rev - right.rev);
  const changes = all.slice(0, limit);
  const to = all.length > limit ? (changes.at(-1)?.rev ?? after) : headRev;
  return { id, changes, after, to, headRev };
};

/** The heads of conversations; one without messages is at 0. */
export const readHeads = async (sql: ISql, ids: readonly string[]): Promise<Head[]> => {
  const rows = await sql<(HeadRow & { conversation_id: string })[]>`
    SELECT h.conversation_id, h.head_seq, h.head_rev FROM unnest(${[...ids]}::uuid[]) AS k (id)
    JOIN heads h ON h.conversation_id = k.id`;
  const known = new Map(rows.map((row) => [row.conversation_id, row]));
  return ids.map((id) => ({ id, headSeq: known.get(id)?.head_seq ?? 0, headRev: known.get(id)?.head_rev ?? 0 }));
};
