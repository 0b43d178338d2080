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

type FoundRow = MessageRow & { readonly bytes: number };
type ChangesRow = HeadRow & { place: number; total: number } & (FoundRow | { readonly seq: null });

/**
 * The changes of conversations after a rev each, with the heads of the same moment, in the order asked; a conversation without a head
 * has none. What was never changed after its creation lies in a range of the key, because its rev grows with its seq: there are at most
 * `head_rev - after` such messages at the end. What was changed is found by its index. A page ends with the change that fills it, by number or
 * by bytes. An answer is bounded over all: a conversation beyond the bounds gets an empty page that says by its `to` that it was cut.
 */
export const readChanges = async (
  sql: ISql,
  wanted: readonly ChangesWanted[],
  limit: number = limits.changesPageMax,
): Promise<ChangesOf[]> => {
  const changed = sql`
    SELECT ${messageColumns(sql)} FROM messages m
    WHERE m.conversation_id = a.id AND m.changed AND m.rev > a.after AND m.rev <= a.head_rev
    ORDER BY m.rev LIMIT ${limit + 1}::bigint`;
  const unchanged = sql`
    SELECT ${messageColumns(sql)} FROM messages m
    WHERE m.conversation_id = a.id AND NOT m.changed AND m.seq > a.head_seq - (a.head_rev - a.after) AND m.rev > a.after
    ORDER BY m.seq LIMIT ${limit + 1}::bigint`;
  const rows = await sql<ChangesRow[]>`
    SELECT * FROM (
      SELECT a.place, a.head_seq, a.head_rev, a.total, m.*, sum(m.bytes) OVER (ORDER BY a.place) AS total_bytes
      FROM (
        SELECT k.place, k.id, k.after, h.head_seq, h.head_rev,
          sum(greatest(0, least(${limit}::bigint, h.head_rev - k.after))) OVER (ORDER BY k.place) AS total
        FROM unnest(${wanted.map(({ id }) => id)}::uuid[], ${wanted.map(({ after }) => after)}::bigint[]) WITH ORDINALITY AS k (id, after, place)
        JOIN heads h ON h.conversation_id = k.id
      ) a
      LEFT JOIN LATERAL (
        SELECT * FROM ((${untilFull(sql, changed, 'rev')}) UNION ALL (${untilFull(sql, unchanged, 'seq')})) u
        WHERE a.place = 1 OR a.total <= ${limits.changesPerAnswerMax}
      ) m ON true
    ) c
    WHERE c.place = 1 OR c.seq IS NULL OR c.total_bytes <= ${limits.changesPerAnswerBytesMax}`;
  const found = Map.groupBy(rows, ({ place }) => place);
  const absent = wanted.filter((_, index) => !found.has(index + 1)).map(({ id }) => id);
  const heads = absent.length > 0 ? await readHeads(sql, absent) : [];
  const headRevs = new Map(heads.map(({ id, headRev }) => [id, headRev]));
  return wanted.map((one, index) => {
    const ofOne = found.get(index + 1);
    return ofOne ? toChanges(one, ofOne, limit) : emptyPage(one, headRevs.get(one.id) ?? 0);
  });
};

/** Of rows in the order of an index the first ones that reach the bytes of a page. Lengths are known without reading a long text. */
const untilFull = (sql: ISql, rows: Fragment, order: 'rev' | 'seq'): Fragment => sql`
  SELECT * FROM (
    SELECT w.*, sum(w.bytes) OVER (ORDER BY w.${sql(order)} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
    FROM (
      SELECT r.*, ${emptyMessageBytes}::integer + octet_length(r.body)
        + coalesce(octet_length(r.reactions::text), 0) + coalesce(octet_length(r.system::text), 0) AS bytes
      FROM (${rows}) r
    ) w
  ) f WHERE coalesce(f.bytes_before, 0) < ${limits.changesPageBytesMax}`;

/** About what a message without text takes as JSON, and each person whom it mentions. */
const emptyMessageBytes = 400;
const mentionBytes = 39;

const toChanges = (one: ChangesWanted, rows: readonly ChangesRow[], limit: number): ChangesOf => {
  const [{ place, total, head_rev: headRev } = { place: 1, total: 0, head_rev: 0 }] = rows;
  if (place !== 1 && total > limits.changesPerAnswerMax) return emptyPage(one, headRev);
  const all = rows
    .filter((row): row is ChangesRow & FoundRow => row.seq !== null)
    .sort((left, right) => left.rev - right.rev);
  const changes: Message[] = [];
  let bytes = 0;
  for (const row of all) {
    if (changes.length === limit || bytes >= limits.changesPageBytesMax) break;
    const message = toMessage(row);
    changes.push(message);
    bytes += row.bytes + mentionBytes * message.mentions.length;
  }
  // What fills a page may not be all: the statement ends each of its two parts where it would fill one alone, so never before this end.
  const isCut = all.length > changes.length || bytes >= limits.changesPageBytesMax;
  const to = isCut ? (changes.at(-1)?.rev ?? one.after) : headRev;
  return { ...one, changes, to, headRev };
};

const emptyPage = ({ id, after }: ChangesWanted, headRev: number): ChangesOf => {
  return { id, changes: [], after, to: Math.min(after, headRev), headRev };
};

/** The heads of conversations; one without messages is at 0. */
export const readHeads = async (sql: ISql, ids: readonly string[]): Promise<Head[]> => {
  const rows = await sql<(HeadRow & { conversation_id: string })[]>`
    SELECT h.conversation_id, h.head_seq, h.head_rev FROM unnest(${[...ids]}::uuid[]) AS k (id)
    JOIN heads h ON h.conversation_id = k.id`;
  const known = new Map(rows.map((row) => [row.conversation_id, row]));
  return ids.map((id) => ({ id, headSeq: known.get(id)?.head_seq ?? 0, headRev: known.get(id)?.head_rev ?? 0 }));
};
