import type { CommandOf } from '@chatapp/contract/commands';
import { limits } from '@chatapp/contract/limits';
import type { ProblemCode } from '@chatapp/contract/problem';
import type { Message } from '@chatapp/contract/shapes';
import type { ISql } from 'postgres';
import { type MessageRow, messageColumns, toMessage } from '../timeline/message-row-store.ts';
import type { Applied, Known, KnownMarker, Position } from './draft.ts';
import { isEmoji } from './emoji.ts';
import { type BusNote, everyone, keyOf, type Task, taskKey } from './task.ts';

/**
 * Locks the heads of the batch's conversations, in order of id so that two batches never wait for each other in a ring, and makes
 * those that are missing. Everything read after it, each in a statement of its own, sees all that earlier holders of the lock committed.
 */
export const lockHeads = async (sql: ISql, tasks: readonly Task[]): Promise<Map<string, Position>> => {
  const ids = [...new Set(tasks.map((task) => task.conversationId))].sort();
  const heads = await lockExisting(sql, ids);
  const missing = ids.filter((id) => !heads.has(id));
  if (missing.length === 0) return heads;
  await sql`
    INSERT INTO heads (conversation_id, head_seq, head_rev)
    SELECT id, 0, 0 FROM unnest(${missing}::uuid[]) AS k (id) ON CONFLICT DO NOTHING`;
  for (const [id, position] of await lockExisting(sql, missing)) heads.set(id, position);
  return heads;
};

const lockExisting = async (sql: ISql, ids: readonly string[]): Promise<Map<string, Position>> => {
  const rows = await sql<{ conversation_id: string; head_seq: number; head_rev: number }[]>`
    SELECT conversation_id, head_seq, head_rev FROM heads
    WHERE conversation_id = ANY (${ids}::uuid[]) ORDER BY conversation_id FOR UPDATE`;
  return new Map(rows.map((row) => [row.conversation_id, { seq: row.head_seq, rev: row.head_rev }]));
};

/** Reads what decides about the tasks, in one round trip: statements without a subject are left out. */
export const readKnown = async (
  sql: ISql,
  tasks: readonly Task[],
  heads: ReadonlyMap<string, Position>,
): Promise<Known> => {
  const sends = tasks.filter((task) => task.op === 'send' || task.op === 'note');
  const commands = tasks.filter((task) => task.op !== 'note');
  const changes = tasks.filter((task) => task.op === 'edit' || task.op === 'delete' || task.op === 'react');
  const [sent, applied, losses, messages, reactions, markers, seqsBefore] = await Promise.all([
    findSent(sql, sends),
    findApplied(
      sql,
      tasks.filter((task) => task.op !== 'read' || task.markedUnread !== null),
    ),
    findLosses(sql, commands),
    findMessages(sql, changes),
    findReactions(
      sql,
      // What is no emoji will be refused, and may be text that PostgreSQL does not take.
      tasks.filter((task): task is CommandOf<'react'> => task.op === 'react' && isEmoji(task.emoji)),
    ),
    findMarkers(
      sql,
      tasks.filter((task) => task.op === 'read'),
    ),
    findSeqsBefore(sql, tasks.filter((task) => task.op === 'note' && task.joined !== null) as BusNote[]),
  ]);
  return { heads, sent, applied, losses, messages, reactions, markers, seqsBefore };
};

const findSent = async (sql: ISql, tasks: readonly Task[]): Promise<Map<string, Message>> => {
  if (tasks.length === 0) return new Map();
  const rows = await sql<MessageRow[]>`
    SELECT ${messageColumns(sql)}
    FROM unnest(${conversationIds(tasks)}::uuid[], ${actorIds(tasks)}::uuid[], ${clientIds(tasks)}::uuid[]) AS k (conversation_id, actor_id, client_id)
    JOIN messages m ON m.conversation_id = k.conversation_id AND m.sender_id = k.actor_id AND m.client_id = k.client_id`;
  return new Map(rows.map((row) => [keyOf(row.conversation_id, row.sender_id, row.client_id), toMessage(row)]));
};

interface AppliedRow {
  readonly conversation_id: string;
  readonly actor_id: string;
  readonly client_id: string;
  readonly rev: number | null;
  readonly code: ProblemCode | null;
}

const findApplied = async (sql: ISql, tasks: readonly Task[]): Promise<Map<string, Applied>> => {
  if (tasks.length === 0) return new Map();
  const rows = await sql<AppliedRow[]>`
    SELECT a.conversation_id, a.actor_id, a.client_id, a.rev, a.code
    FROM unnest(${conversationIds(tasks)}::uuid[], ${actorIds(tasks)}::uuid[], ${clientIds(tasks)}::uuid[]) AS k (conversation_id, actor_id, client_id)
    JOIN applied a ON a.conversation_id = k.conversation_id AND a.actor_id = k.actor_id AND a.client_id = k.client_id`;
  return new Map(
    rows.map(({ rev, code, ...row }) => [keyOf(row.conversation_id, row.actor_id, row.client_id), { rev, code }]),
  );
};

const findLosses = async (sql: ISql, tasks: readonly Task[]): Promise<Map<string, number>> => {
  if (tasks.length === 0) return new Map();
  const conversations = [...new Set(conversationIds(tasks))];
  const rows = await sql<{ conversation_id: string; user_id: string; version: number }[]>`
    SELECT l.conversation_id, l.user_id, l.version
    FROM unnest(
      ${[...conversationIds(tasks), ...conversations]}::uuid[], ${[...actorIds(tasks), ...conversations.map(() => everyone)]}::uuid[]
    ) AS k (conversation_id, user_id)
    JOIN losses l ON l.conversation_id = k.conversation_id AND l.user_id = k.user_id`;
  return new Map(rows.map((row) => [keyOf(row.conversation_id, row.user_id), row.version]));
};

const findMessages = async (
  sql: ISql,
  tasks: readonly { conversationId: string; seq: number; on?: boolean }[],
): Promise<Map<string, Message>> => {
  if (tasks.length === 0) return new Map();
  // Whoever takes a reaction back makes room for the next: so many people more than are shown must be known.
  const peopleMax = limits.reactionUserIdsMax + roundedUp(tasks.filter(({ on }) => on === false).length);
  const rows = await sql<MessageRow[]>`
    SELECT ${messageColumns(sql, peopleMax)}
    FROM unnest(${conversationIds(tasks)}::uuid[], ${tasks.map(({ seq }) => seq)}::bigint[]) AS k (conversation_id, seq)
    JOIN messages m ON m.conversation_id = k.conversation_id AND m.seq = k.seq`;
  return new Map(rows.map((row) => [keyOf(row.conversation_id, row.seq), toMessage(row)]));
};

const findReactions = async (sql: ISql, tasks: readonly CommandOf<'react'>[]): Promise<Set<string>> => {
  if (tasks.length === 0) return new Set();
  const rows = await sql<{ conversation_id: string; seq: number; emoji: string; user_id: string }[]>`
    SELECT r.conversation_id, r.seq, r.emoji, r.user_id
    FROM unnest(
      ${conversationIds(tasks)}::uuid[], ${tasks.map(({ seq }) => seq)}::bigint[],
      ${tasks.map(({ emoji }) => emoji)}::text[], ${actorIds(tasks)}::uuid[]
    ) AS k (conversation_id, seq, emoji, user_id)
    JOIN reactions r ON r.conversation_id = k.conversation_id AND r.seq = k.seq AND r.emoji = k.emoji AND r.user_id = k.user_id`;
  return new Set(rows.map((row) => keyOf(row.conversation_id, row.seq, row.emoji, row.user_id)));
};

const findMarkers = async (sql: ISql, tasks: readonly Task[]): Promise<Map<string, KnownMarker>> => {
  if (tasks.length === 0) return new Map();
  const rows = await sql<(KnownMarker & { readonly conversationId: string; readonly userId: string })[]>`
    SELECT r.conversation_id AS "conversationId", r.user_id AS "userId", r.seq, r.marked_unread AS "markedUnread", r.client_id AS "clientId"
    FROM unnest(${conversationIds(tasks)}::uuid[], ${actorIds(tasks)}::uuid[]) AS k (conversation_id, user_id)
    JOIN read_markers r ON r.conversation_id = k.conversation_id AND r.user_id = k.user_id`;
  return new Map(rows.map(({ conversationId, userId, ...marker }) => [keyOf(conversationId, userId), marker]));
};

/** By `created_at` from the end: nearly always the last row or the one before it. */
const findSeqsBefore = async (sql: ISql, notes: readonly BusNote[]): Promise<Map<string, number>> => {
  if (notes.length === 0) return new Map();
  const rows = await sql<{ place: number; seq: number }[]>`
    SELECT k.place, m.seq
    FROM unnest(${conversationIds(notes)}::uuid[], ${notes.map(({ at }) => new Date(at).toISOString())}::timestamptz[])
      WITH ORDINALITY AS k (conversation_id, at, place)
    CROSS JOIN LATERAL (
      SELECT m.seq FROM messages m WHERE m.conversation_id = k.conversation_id AND m.created_at < k.at
      ORDER BY m.seq DESC LIMIT 1
    ) m`;
  const seqs = new Map(rows.map((row) => [row.place, row.seq]));
  return new Map(notes.map((note, index) => [taskKey(note), seqs.get(index + 1) ?? 0]));
};

/** To the next power of two: few different statements, so that their plans are kept. */
const roundedUp = (count: number): number => (count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count)));

const conversationIds = (of: readonly { conversationId: string }[]): string[] => of.map((one) => one.conversationId);
const actorIds = (of: readonly { actorId: string }[]): string[] => of.map((one) => one.actorId);
const clientIds = (of: readonly { clientId: string }[]): string[] => of.map((one) => one.clientId);
