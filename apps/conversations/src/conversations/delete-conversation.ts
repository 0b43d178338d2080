import { may } from '@chatapp/contract/roles';
import { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { listMemberIds } from '../members/member-store.ts';
import { ById, docs, noContent } from '../route-docs.ts';
import { conversationSeenBy } from './conversation.ts';
import { lockSeatEvenDeleted, recordChange } from './conversation-store.ts';

/** As many as hear of a restoration at once; the others find the conversation when they fetch their lists. */
const toldMax = 200;

/**
 * `DELETE /conversations/:id` and `POST /conversations/:id/restore`: for everybody but the owner a deleted conversation does not exist. It is erased
 * after the period of grace, until then it comes back as it was. Both are done once, however often they are asked for.
 */
export const deleteConversation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia()
    .use(person(auth))
    .delete(
      '/conversations/:id',
      async ({ person, params }) => {
        await transact(async (tx) => {
          const { conversation: before, member } = await lockSeatEvenDeleted(tx, params.id, person.id);
          if (!may(member.role, 'delete-conversation')) throw new ProblemError('forbidden');
          if (before.deletedAt !== null) return;
          const at = now();
          const data = { deletedAt: at.toISOString() };
          const events = [() => ({ type: 'conversation.deleted', data }) as const];
          await recordChange(tx, { before, set: { deletedAt: at }, actor: person.id, at, events });
        });
        return noContent();
      },
      { params: ById, detail: docs('conversations', 'Deletes a conversation; its owner can restore it for a while.') },
    )
    .post(
      '/conversations/:id/restore',
      async ({ person, params }) =>
        await transact(async (tx) => {
          const { conversation: before, member, peer } = await lockSeatEvenDeleted(tx, params.id, person.id);
          if (!may(member.role, 'delete-conversation')) throw new ProblemError('forbidden');
          if (before.deletedAt === null) return conversationSeenBy(member, before, peer);
          const data = { deletedAt: null, memberIds: await listMemberIds(tx, params.id, toldMax) };
          const events = [() => ({ type: 'conversation.restored', data }) as const];
          const after = await recordChange(tx, {
            before,
            set: { deletedAt: null },
            actor: person.id,
            at: now(),
            events,
          });
          return conversationSeenBy(member, after, peer);
        }),
      {
        params: ById,
        beforeHandle: refuseBody,
        response: { 200: Conversation },
        detail: docs('conversations', 'Brings a deleted conversation back as it was.'),
      },
    );
