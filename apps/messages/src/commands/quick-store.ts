import type { ISql } from 'postgres';
import type { Draft } from './draft.ts';
import { mentionRows } from './mention-rows.ts';
import { everyone, type Task } from './task.ts';

type Send = Extract<Task, { op: 'send' }>;

/** What PostgreSQL raises where the guard of the statement does not hold, or what it inserts is there already. */
const refusals = new Set(['22012', '23505']);

/** Whether the statement was raised because something is not as it was known: nothing was written. */
export const isGuardRaised = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && refusals.has(String(error.code));

/** An array as PostgreSQL reads it, of ids, numbers and nulls: there is nothing to quote in them, and a driver that looks is dearer than the decision. */
const plainArray = (items: readonly (string | number | null)[]): string =>
  `{${items.map((item) => item ?? 'NULL').join(',')}}`;

/** No body holds it, `bodyFault` refuses it: bodies need no quoting either, and PostgreSQL does not look at each letter twice. */
const unitSeparator = '\u001f';

/**
 * Writes a batch of new sends in one statement, which is its own transaction. It raises, and writes nothing, unless every head is where it was known
 * to be, no command was refused before, nobody has lost the right that a command was granted under, and no `clientId` is taken. The heads are
 * moved before anything is inserted, so that their rows are the lock here too; they come in order of id.
 */
export const insertSends = async (sql: ISql, draft: Draft, sends: readonly Send[]): Promise<void> => {
  const heads = [...draft.heads].sort(([left], [right]) => (left < right ? -1 : 1));
  // In the order of the sends: nothing else is in this draft.
  const rows = [...draft.messages.values()];
  if (rows.length !== sends.length) throw new TypeError('a send that was not decided');
  const markers = [...draft.markerWrites.values()];
  const mentions = rows.filter((row) => row.mentions.length > 0).flatMap(mentionRows);
  const mentioned = sql`
    , mentioned AS (
      INSERT INTO mentions (conversation_id, user_id, seq)
      SELECT c, u, seq FROM unnest(
        ${plainArray(mentions.map((one) => one.conversationId))}::uuid[],
        ${plainArray(mentions.map((one) => one.userId))}::uuid[], ${plainArray(mentions.map((one) => one.seq))}::bigint[]
      ) AS k (c, u, seq)
    )`;
  await sql`
    WITH moved AS (
      UPDATE heads h SET head_seq = k.seq, head_rev = k.rev
      FROM unnest(
        ${plainArray(heads.map(([id]) => id))}::uuid[],
        ${plainArray(heads.map(([id]) => draft.known.heads.get(id)?.rev ?? 0))}::bigint[],
        ${plainArray(heads.map(([, { seq }]) => seq))}::bigint[], ${plainArray(heads.map(([, { rev }]) => rev))}::bigint[]
      ) AS k (id, known_rev, seq, rev)
      WHERE h.conversation_id = k.id AND h.head_rev = k.known_rev
      RETURNING 1
    ), guard AS (
      SELECT count(*) = ${heads.length}::bigint AS holds FROM moved
    ), sends AS (
      SELECT * FROM unnest(
        ${plainArray(rows.map((row) => row.conversationId))}::uuid[], ${plainArray(rows.map((row) => row.seq))}::bigint[],
        ${plainArray(rows.map((row) => row.rev))}::bigint[], ${plainArray(rows.map((row) => row.replyTo))}::bigint[],
        ${plainArray(rows.map((row) => row.id))}::uuid[], ${plainArray(rows.map((row) => row.senderId))}::uuid[],
        ${plainArray(rows.map((row) => row.clientId))}::uuid[], ${plainArray(sends.map((send) => send.version))}::bigint[],
        string_to_array(${rows.map((row) => row.body).join(unitSeparator)}, chr(31))
      ) AS k (c, seq, rev, reply_to, id, sender, client, version, body)
    ), created AS (
      INSERT INTO messages (
        conversation_id, seq, rev, created_rev, reply_to, id, sender_id, client_id, created_at, edited_at, deleted_at, changed, reacted,
        kind, body, system
      )
      SELECT c, seq, rev, rev, reply_to, id, sender, client, ${draft.createdAt}::timestamptz, NULL, NULL, false, false,
        'text', body, NULL
      FROM sends WHERE (SELECT holds FROM guard)
    ), marked AS (
      INSERT INTO read_markers AS r (conversation_id, user_id, seq, marked_unread)
      SELECT c, u, seq, false FROM unnest(
        ${plainArray(markers.map((one) => one.conversationId))}::uuid[],
        ${plainArray(markers.map((one) => one.userId))}::uuid[], ${plainArray(markers.map((one) => one.seq))}::bigint[]
      ) AS k (c, u, seq)
      WHERE (SELECT holds FROM guard)
      ON CONFLICT (conversation_id, user_id) DO UPDATE SET seq = greatest(r.seq, excluded.seq), marked_unread = false
    )
    ${mentions.length > 0 ? mentioned : sql``}
    SELECT 1 / (CASE WHEN (SELECT holds FROM guard)
      AND NOT EXISTS (
        SELECT 1 FROM sends k
        JOIN applied a ON a.conversation_id = k.c AND a.actor_id = k.sender AND a.client_id = k.client
      )
      AND NOT EXISTS (
        SELECT 1 FROM sends k
        JOIN losses l ON l.conversation_id = k.c AND l.user_id = ANY (ARRAY[k.sender, ${everyone}::uuid]) AND l.version > k.version
      )
    THEN 1 ELSE 0 END)`;
};
