import type { Message } from '@chatapp/contract/shapes';
import { shardOf } from '@chatapp/contract/shard';
import type { ISql } from 'postgres';
import type { Draft, ReactionWrite } from './draft.ts';
import { type MentionRow, mentionRows } from './mention-rows.ts';

// Booleans travel as text: postgres.js takes an array of them for a single one.

/** Writes all that a batch decided, in one round trip: each kind of row in one statement, kinds without rows left out. */
export const writeDraft = async (sql: ISql, draft: Draft, shards: number): Promise<void> => {
  const changed = messagesOf(draft, draft.changed);
  const wiped = changed.filter((message) => message.deletedAt !== null);
  const reactions = [...draft.reactionWrites.values()].filter(
    ({ conversationId, seq }) => draft.message(conversationId, seq)?.deletedAt === null,
  );
  await Promise.all([
    writeHeads(sql, draft),
    insertMessages(sql, draft),
    updateMessages(sql, changed),
    insertReactions(
      sql,
      reactions.filter(({ on }) => on),
    ),
    deleteReactions(
      sql,
      reactions.filter(({ on }) => !on),
    ),
    wipe(sql, wiped),
    writeMentions(sql, draft),
    writeApplied(sql, draft, shards),
    writeMarkers(sql, draft),
    writeMemberships(sql, draft),
    writeLosses(sql, draft),
    writeErasures(sql, draft),
  ]);
};

const messagesOf = (draft: Draft, keys: Iterable<string>): Message[] =>
  Array.from(keys, (key) => draft.messages.get(key)).filter((message) => message !== undefined);

const writeHeads = async (sql: ISql, draft: Draft): Promise<void> => {
  const moved = [...draft.heads].filter(([id, { rev }]) => rev !== (draft.known.heads.get(id)?.rev ?? 0));
  if (moved.length === 0) return;
  await sql`
    UPDATE heads h SET head_seq = k.seq, head_rev = k.rev
    FROM unnest(
      ${moved.map(([id]) => id)}::uuid[], ${moved.map(([, { seq }]) => seq)}::bigint[], ${moved.map(([, { rev }]) => rev)}::bigint[]
    ) AS k (id, seq, rev)
    WHERE h.conversation_id = k.id`;
};

const insertMessages = async (sql: ISql, draft: Draft): Promise<void> => {
  const rows = [...draft.created].flatMap(([key, createdRev]) => {
    const message = draft.messages.get(key);
    return message ? [{ message, createdRev }] : [];
  });
  if (rows.length === 0) return;
  const all = <T>(pick: (message: Message) => T): T[] => rows.map(({ message }) => pick(message));
  await sql`
    INSERT INTO messages (
      conversation_id, seq, rev, created_rev, reply_to, id, sender_id, client_id, created_at, edited_at, deleted_at, changed, reacted,
      kind, body, system
    )
    SELECT c, seq, rev, created_rev, reply_to, id, sender, client, ${draft.createdAt}::timestamptz, edited_at, deleted_at,
      rev <> created_rev, reacted, kind, body, system::jsonb
    FROM unnest(
      ${all((m) => m.conversationId)}::uuid[], ${all((m) => m.seq)}::bigint[], ${all((m) => m.rev)}::bigint[],
      ${rows.map(({ createdRev }) => createdRev)}::bigint[], ${all((m) => m.replyTo)}::bigint[], ${all((m) => m.id)}::uuid[],
      ${all((m) => m.senderId)}::uuid[], ${all((m) => m.clientId)}::uuid[], ${all((m) => m.editedAt)}::timestamptz[],
      ${all((m) => m.deletedAt)}::timestamptz[], ${all((m) => String(m.reactions.length > 0))}::text[]::boolean[], ${all((m) => m.kind)}::text[],
      ${all((m) => m.body)}::text[], ${all((m) => m.system && JSON.stringify(m.system))}::text[]
    ) AS k (c, seq, rev, created_rev, reply_to, id, sender, client, edited_at, deleted_at, reacted, kind, body, system)`;
};

const updateMessages = async (sql: ISql, messages: readonly Message[]): Promise<void> => {
  if (messages.length === 0) return;
  const all = <T>(pick: (message: Message) => T): T[] => messages.map(pick);
  await sql`
    UPDATE messages m SET rev = k.rev, body = k.body, edited_at = k.edited_at, deleted_at = k.deleted_at, changed = true,
      reacted = k.reacted
    FROM unnest(
      ${all((m) => m.conversationId)}::uuid[], ${all((m) => m.seq)}::bigint[], ${all((m) => m.rev)}::bigint[],
      ${all((m) => m.body)}::text[], ${all((m) => m.editedAt)}::timestamptz[], ${all((m) => m.deletedAt)}::timestamptz[],
      ${all((m) => String(m.reactions.length > 0))}::text[]::boolean[]
    ) AS k (c, seq, rev, body, edited_at, deleted_at, reacted)
    WHERE m.conversation_id = k.c AND m.seq = k.seq`;
};

/** One that was taken back and set again in the same batch is there already, and came anew. */
const insertReactions = async (sql: ISql, writes: readonly ReactionWrite[]): Promise<void> => {
  if (writes.length === 0) return;
  await sql`
    INSERT INTO reactions (conversation_id, seq, emoji, user_id, rev, first_rev)
    SELECT c, seq, emoji, user_id, rev, coalesce(
      first_rev,
      (SELECT min(r.first_rev) FROM reactions r WHERE r.conversation_id = k.c AND r.seq = k.seq AND r.emoji = k.emoji),
      rev
    )
    FROM unnest(
      ${writes.map((w) => w.conversationId)}::uuid[], ${writes.map((w) => w.seq)}::bigint[], ${writes.map((w) => w.emoji)}::text[],
      ${writes.map((w) => w.userId)}::uuid[], ${writes.map((w) => w.rev)}::bigint[], ${writes.map((w) => w.firstRev)}::bigint[]
    ) AS k (c, seq, emoji, user_id, rev, first_rev)
    ON CONFLICT (conversation_id, seq, emoji, user_id) DO UPDATE SET rev = excluded.rev, first_rev = excluded.first_rev`;
};

const deleteReactions = async (sql: ISql, writes: readonly ReactionWrite[]): Promise<void> => {
  if (writes.length === 0) return;
  await sql`
    DELETE FROM reactions r USING unnest(
      ${writes.map((w) => w.conversationId)}::uuid[], ${writes.map((w) => w.seq)}::bigint[], ${writes.map((w) => w.emoji)}::text[],
      ${writes.map((w) => w.userId)}::uuid[]
    ) AS k (c, seq, emoji, user_id)
    WHERE r.conversation_id = k.c AND r.seq = k.seq AND r.emoji = k.emoji AND r.user_id = k.user_id`;
};

/** A tombstone keeps no reactions. */
const wipe = async (sql: ISql, messages: readonly Message[]): Promise<void> => {
  if (messages.length === 0) return;
  await sql`
    DELETE FROM reactions r
    USING unnest(${messages.map((m) => m.conversationId)}::uuid[], ${messages.map((m) => m.seq)}::bigint[]) AS k (c, seq)
    WHERE r.conversation_id = k.c AND r.seq = k.seq`;
};

const writeMentions = async (sql: ISql, draft: Draft): Promise<void> => {
  const added: MentionRow[] = messagesOf(draft, draft.created.keys()).flatMap(mentionRows);
  const removed: MentionRow[] = [];
  for (const key of draft.changed) {
    const before = mentionRows(draft.known.messages.get(key));
    const after = mentionRows(draft.messages.get(key));
    added.push(...after.filter(({ userId }) => !before.some((row) => row.userId === userId)));
    removed.push(...before.filter(({ userId }) => !after.some((row) => row.userId === userId)));
  }
  const columns = (rows: readonly MentionRow[]) => sql`
    ${rows.map((row) => row.conversationId)}::uuid[], ${rows.map((row) => row.userId)}::uuid[], ${rows.map((row) => row.seq)}::bigint[]`;
  await Promise.all([
    added.length > 0 &&
      sql`INSERT INTO mentions (conversation_id, user_id, seq) SELECT * FROM unnest(${columns(added)}) ON CONFLICT DO NOTHING`,
    removed.length > 0 &&
      sql`DELETE FROM mentions m USING unnest(${columns(removed)}) AS k (c, user_id, seq)
        WHERE m.conversation_id = k.c AND m.user_id = k.user_id AND m.seq = k.seq`,
  ]);
};

const writeApplied = async (sql: ISql, draft: Draft, shards: number): Promise<void> => {
  const writes = [...draft.appliedWrites.values()];
  if (writes.length === 0) return;
  await sql`
    INSERT INTO applied (conversation_id, actor_id, client_id, rev, code, shard, at)
    SELECT c, actor, client, rev, code, shard, ${draft.createdAt}::timestamptz FROM unnest(
      ${writes.map(({ task }) => task.conversationId)}::uuid[], ${writes.map(({ task }) => task.actorId)}::uuid[],
      ${writes.map(({ task }) => task.clientId)}::uuid[], ${writes.map(({ applied }) => applied.rev)}::bigint[],
      ${writes.map(({ applied }) => applied.code)}::text[], ${writes.map(({ task }) => shardOf(task.conversationId, shards))}::integer[]
    ) AS k (c, actor, client, rev, code, shard)
    ON CONFLICT DO NOTHING`;
};

const writeMarkers = async (sql: ISql, draft: Draft): Promise<void> => {
  const writes = [...draft.markerWrites.values()];
  if (writes.length === 0) return;
  await sql`
    INSERT INTO read_markers AS r (conversation_id, user_id, seq, marked_unread, client_id)
    SELECT * FROM unnest(
      ${writes.map((w) => w.conversationId)}::uuid[], ${writes.map((w) => w.userId)}::uuid[], ${writes.map((w) => w.seq)}::bigint[],
      ${writes.map((w) => String(w.markedUnread))}::text[]::boolean[], ${writes.map((w) => w.clientId)}::uuid[]
    )
    ON CONFLICT (conversation_id, user_id) DO UPDATE SET seq = greatest(r.seq, excluded.seq),
      marked_unread = excluded.marked_unread, client_id = coalesce(excluded.client_id, r.client_id)`;
};

/** After the markers: who joins gets one in the same batch. */
const writeMemberships = async (sql: ISql, draft: Draft): Promise<void> => {
  const writes = [...draft.membershipWrites.values()];
  if (writes.length === 0) return;
  await sql`
    UPDATE read_markers r SET gone = NOT k.is_member
    FROM unnest(
      ${writes.map((w) => w.conversationId)}::uuid[], ${writes.map((w) => w.userId)}::uuid[],
      ${writes.map((w) => String(w.isMember))}::text[]::boolean[]
    ) AS k (c, user_id, is_member)
    WHERE r.conversation_id = k.c AND r.user_id = k.user_id`;
};

const writeErasures = async (sql: ISql, draft: Draft): Promise<void> => {
  if (draft.erasures.size === 0) return;
  await sql`
    INSERT INTO erasures (conversation_id, at)
    SELECT c, ${draft.createdAt}::timestamptz FROM unnest(${[...draft.erasures]}::uuid[]) AS k (c)
    ON CONFLICT DO NOTHING`;
};

const writeLosses = async (sql: ISql, draft: Draft): Promise<void> => {
  const writes = [...draft.lossWrites.values()];
  if (writes.length === 0) return;
  await sql`
    INSERT INTO losses AS l (conversation_id, user_id, version)
    SELECT * FROM unnest(
      ${writes.map((w) => w.conversationId)}::uuid[], ${writes.map((w) => w.userId)}::uuid[], ${writes.map((w) => w.version)}::bigint[]
    )
    ON CONFLICT (conversation_id, user_id) DO UPDATE SET version = greatest(l.version, excluded.version)`;
};
