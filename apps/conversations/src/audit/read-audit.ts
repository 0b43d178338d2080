import { AuditEntry, PageQuery } from '@chatapp/contract/http-conversations';
import { limits } from '@chatapp/contract/limits';
import { may } from '@chatapp/contract/roles';
import { Page } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { decodeCursor } from '@chatapp/service/cursor';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { readSeat } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { pageOf } from '../page.ts';
import { ById, docs } from '../route-docs.ts';
import { type AuditView, listAudit } from './audit-store.ts';

/** `GET /conversations/:id/audit`: who did what, for owners. */
export const readAudit = ({ auth, read }: Uses<'auth' | 'read'>) =>
  new Elysia().use(person(auth)).get(
    '/conversations/:id/audit',
    async ({ person, params, query: { cursor, limit = limits.pageSizeDefault } }) => {
      const before = cursor === undefined ? undefined : decodeCursor(cursor, isAuditKey)[0];
      const views = await read(async (db) => {
        const { member } = await readSeat(db, params.id, person.id);
        if (!may(member.role, 'read-audit')) throw new ProblemError('forbidden');
        return await listAudit(db, { conversationId: params.id, before, limit });
      });
      return pageOf(views, { limit }, { item: toEntry, key: ({ row }) => [row.ordinal] });
    },
    {
      params: ById,
      query: PageQuery,
      response: { 200: Page(AuditEntry) },
      detail: docs('conversations', 'Lists who did what in a conversation, the latest first.'),
    },
  );

const isAuditKey = (key: unknown): key is [number] =>
  Array.isArray(key) && key.length === 1 && Number.isSafeInteger(key[0]) && key[0] > 0;

const toEntry = ({ row, actor, subject }: AuditView): AuditEntry => ({
  id: row.eventId,
  at: row.at.toISOString(),
  actor,
  act: row.act,
  subject,
  details: JSON.parse(row.details) as AuditEntry['details'],
});
