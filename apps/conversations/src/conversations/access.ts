import { Access, Memberships } from '@chatapp/contract/http-conversations';
import { Id } from '@chatapp/contract/ids';
import { machine } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia, t } from 'elysia';
import type { Uses } from '../deps.ts';
import { ById, docs } from '../route-docs.ts';
import type { ConversationRow, MemberRow } from '../tables.ts';
import { roleInForce } from './conversation.ts';
import { listAccesses, readAccess } from './conversation-store.ts';

/** What the other services ask: who may do what where, and as of which version. */
export const access = ({ auth, read }: Uses<'auth' | 'read'>) =>
  new Elysia()
    .use(machine(auth, 'conversations:access.read'))
    .get(
      '/internal/conversations/:id/access',
      async ({ params, query }) => {
        const row = await read((db) => readAccess(db, params.id, query.userId));
        if (row === undefined) throw new ProblemError('not-found');
        return accessOf(row);
      },
      {
        params: ById,
        query: t.Object({ userId: Id }),
        response: { 200: Access },
        detail: docs('internal', "A person's access to a conversation; 404 when there is none."),
      },
    )
    .get(
      '/internal/users/:id/conversations',
      async ({ params }) => {
        const rows = await read((db) => listAccesses(db, params.id));
        return { items: rows.map((row) => ({ id: row.id, ...accessOf(row) })) };
      },
      {
        params: ById,
        response: { 200: Memberships },
        detail: docs('internal', "All conversations of a person with the person's access."),
      },
    );

const accessOf = (
  row: Pick<MemberRow & ConversationRow, 'role' | 'version' | 'archivedAt' | 'deletedAt' | 'memberCount' | 'receipts'>,
): Access => ({
  role: roleInForce(row.role, row),
  version: row.version,
  memberCount: row.memberCount,
  receipts: row.receipts,
});
