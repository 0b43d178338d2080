import { Access, Memberships, MembershipsOfMany, MembershipsRequest } from '@chatapp/contract/http-conversations';
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
        const rows = await read((db) => listAccesses(db, [params.id]));
        return { items: rows.map(membershipOf) };
      },
      {
        params: ById,
        response: { 200: Memberships },
        detail: docs('internal', "All conversations of a person with the person's access."),
      },
    )
    .post(
      '/internal/memberships',
      async ({ body: { userIds } }) => {
        const rows = Map.groupBy(await read((db) => listAccesses(db, userIds)), ({ userId }) => userId);
        return { items: userIds.map((userId) => ({ userId, items: (rows.get(userId) ?? []).map(membershipOf) })) };
      },
      {
        body: MembershipsRequest,
        response: { 200: MembershipsOfMany },
        detail: docs('internal', 'All conversations of several people, each with their access, in the order asked.'),
      },
    );

const membershipOf = (row: Parameters<typeof accessOf>[0] & { readonly id: string }) => ({
  id: row.id,
  ...accessOf(row),
});

const accessOf = (
  row: Pick<MemberRow & ConversationRow, 'role' | 'version' | 'archivedAt' | 'deletedAt' | 'memberCount' | 'receipts'>,
): Access => ({
  role: roleInForce(row.role, row),
  version: row.version,
  memberCount: row.memberCount,
  receipts: row.receipts,
});
