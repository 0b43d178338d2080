import type { ISql } from 'postgres';
import type { Draft } from './draft.ts';
import { mentionRows } from './mention-rows.ts';
import { everyone, keyOf, type Task } from './task.ts';

type Send = Extract<Task, { op: 'send' }>;

/** What PostgreSQL raises where the guard of the statement does not hold, or what it inserts is there already. */
const refusals = new Set(['22012', '23505']);

/** Whether the statement was raised because something is not as it was known: nothing was written. */
export const isGuardRaised = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && refusals.has(String(error.code));

/**
 * Writes a batch of new sends in one statement, which is its own transaction. It raises, and writes nothing, unless every head is where it was known
 * to be, no command was refused before, nobody has lost the right that a command was granted under, and no `clientId` is taken. The heads are
 * moved before anything is inserted, so that their rows are the lock here too; they come in order of id.
 */
export const insertSends = async (sql: ISql, draft: Draft, sends: readonly Send[]): Promise<void> => {
  const heads = [...draft.heads].sort(([left], [right]) => (left < right ? -1 : 1));
  const rows = sends.map((send) => {
    const message = draft.sent.get(keyOf(send.conversationId, send.actorId, send.clientId));
    if (message === undefined) throw new TypeError('a send that was not decided');
    return { ...send, seq: message.seq, rev: message.rev, id: message.id };
  });
  const markers = [...draft.markerWrites.values()];
  const mentions = [...draft.messages.values()].flatMap(mentionRows);
  const mentioned = sql`
    , mentioned AS (
      INSERT INTO mentions (conversation_id, user_id, seq)
      SELECT c, u, seq FROM unnest(
        ${mentions.map((one) => one.conversationId)}::uuid[], ${mentions.map((one) => one.userId)}::uuid[],
        ${mentions.map((one) => one.seq)}::bigint[]
      ) AS k (c, u, seq)
    )`;
  await sql`
    WITH moved AS (
      UPDATE heads h SET head_seq = k.seq, head_rev = k.rev
      FROM unnest(
        ${heads.map(([id]) => id)}::uuid[], ${heads.map(([id]) => draft.known.heads.get(id)?.rev ?? 0)}::bigint[],
        ${heads.map(([, { seq }]) => seq)}::bigint[], ${heads.map(([, { rev }]) => rev)}::bigint[]
      ) AS k (id, known_rev, seq, rev)
      WHERE h.conversation_id = k.id AND h.head_rev = k.known_rev
      RETURNING 1
    ), guard AS (
      SELECT count(*) = ${heads.length}::bigint AS holds FROM moved
    ), sends AS (
      SELECT * FROM unnest(
        ${rows.map((row) => row.conversationId)}::uuid[], ${rows.map((row) => row.seq)}::bigint[], ${rows.map((row) => row.rev)}::bigint[],
        ${rows.map((row) => row.replyTo)}::bigint[], ${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.actorId)}::uuid[],
        ${rows.map((row) => row.clientId)}::uuid[], ${rows.map((row) => row.version)}::bigint[], ${rows.map((row) => row.body)}::text[]
      ) AS k (c, seq, rev, reply_to, id, sender, client, version, body)
    ), created AS (
      INSERT INTO messages (
        conversation_id, seq, rev, created_rev, reply_to, id, sender_id, client_id, created_at, edited_at, deleted_at, changed, reacted,
        kind, body, system
      )
      SELECT c, seq, rev, rev, reply_to, id, sender, client, ${draft.now.toISOString()}::timestamptz, NULL, NULL, false, false,
        'text', body, NULL
      FROM sends WHERE (SELECT holds FROM guard)
    ), marked AS (
      INSERT INTO read_markers AS r (conversation_id, user_id, seq, marked_unread)
      SELECT c, u, seq, false FROM unnest(
        ${markers.map((one) => one.conversationId)}::uuid[], ${markers.map((one) => one.userId)}::uuid[],
        ${markers.map((one) => one.seq)}::bigint[]
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
