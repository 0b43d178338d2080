import { TransferOwnership } from '@chatapp/contract/http-conversations';
import { may } from '@chatapp/contract/roles';
import { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { conversationSeenBy } from '../conversations/conversation.ts';
import { lockSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { refuse } from '../refuse.ts';
import { ById, docs } from '../route-docs.ts';
import { membershipRefusal, roleChanged } from './member.ts';
import { findMember, setRole } from './member-store.ts';

/** `POST /conversations/:id/owner`: another member becomes the owner, the caller an admin. */
export const transferOwnership = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/conversations/:id/owner',
    async ({ person, params, body }) =>
      await transact(async (tx, { repeated }) => {
        const { conversation: before, member } = await lockSeat(tx, params.id, person.id);
        const heir = await findMember(tx, params.id, body.userId);
        if (repeated && heir?.role === 'owner') return conversationSeenBy(member, before, null);
        if (!may(member.role, 'transfer-ownership')) throw new ProblemError('forbidden');
        refuse(membershipRefusal(before));
        if (heir === undefined) throw notAMember();
        if (heir.user.id === person.id) return conversationSeenBy(member, before, null);
        const me = await findMember(tx, params.id, person.id);
        if (me === undefined) throw new ProblemError('not-found');
        await setRole(tx, params.id, heir.user.id, 'owner');
        await setRole(tx, params.id, person.id, 'admin');
        const after = await recordChange(tx, {
          before,
          actor: person.id,
          at: now(),
          events: [
            (conversation) => roleChanged(conversation, { ...heir, role: 'owner' }, heir.role),
            (conversation) => roleChanged(conversation, { ...me, role: 'admin' }, 'owner'),
          ],
        });
        return conversationSeenBy({ ...member, role: 'admin' }, after, null);
      }),
    {
      params: ById,
      body: TransferOwnership,
      response: { 200: Conversation },
      detail: docs('members', 'Hands the conversation over to another member.'),
    },
  );

const notAMember = () => new ProblemError('invalid', { errors: [{ path: '/userId', code: 'member' }] });
