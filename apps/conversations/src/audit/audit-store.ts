import type { Id } from '@chatapp/contract/ids';
import type { User } from '@chatapp/contract/shapes';
import { chunks } from '@chatapp/service/chunks';
import { and, desc, eq, lt } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { insertMax, type Queryable, type Transaction } from '../database.ts';
import { type AuditRow, audit, users } from '../tables.ts';

export const insertAudit = async (tx: Transaction, rows: readonly AuditRow[]): Promise<void> => {
  for (const chunk of chunks(rows, insertMax)) await tx.insert(audit).values(chunk);
};

export interface AuditView {
  readonly row: AuditRow;
  readonly actor: User | null;
  readonly subject: User | null;
}

const actors = alias(users, 'actors');
const subjects = alias(users, 'subjects');

/** What was done in a conversation, the latest first; up to one more than `limit`. */
export const listAudit = async (
  db: Queryable,
  request: { conversationId: Id; before: number | undefined; limit: number },
): Promise<AuditView[]> =>
  await db
    .select({
      row: audit,
      actor: { id: actors.id, name: actors.name, avatarUrl: actors.avatarUrl },
      subject: { id: subjects.id, name: subjects.name, avatarUrl: subjects.avatarUrl },
    })
    .from(audit)
    .leftJoin(actors, eq(actors.id, audit.actorId))
    .leftJoin(subjects, eq(subjects.id, audit.subjectId))
    .where(
      and(
        eq(audit.conversationId, request.conversationId),
        request.before === undefined ? undefined : lt(audit.ordinal, request.before),
      ),
    )
    .orderBy(desc(audit.ordinal))
    .limit(request.limit + 1);

/** The acts of one person, for their export; at most `limit`, in no order. */
export const listActsOf = async (db: Queryable, actorId: Id, limit: number) =>
  await db
    .select({ conversationId: audit.conversationId, act: audit.act, at: audit.at })
    .from(audit)
    .where(eq(audit.actorId, actorId))
    .limit(limit);
