import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockConversation, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { invitationEvent } from '../invitations/invitation.ts';
import { revokeAllPending } from '../invitations/invitation-store.ts';
import { refuse } from '../refuse.ts';
import { ById, docs, noContent } from '../route-docs.ts';
import { leaveRefusal, memberGone } from './member.ts';
import { deleteMember, findMember } from './member-store.ts';

/** `POST /conversations/:id/leave`. Who leaves last leaves an empty conversation, whose open invitations end with it. */
export const leaveConversation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/conversations/:id/leave',
    async ({ person, params }) => {
      await transact(async (tx, { repeated }) => {
        const before = await lockConversation(tx, params.id);
        const member = await findMember(tx, params.id, person.id);
        if (member === undefined && repeated) return;
        if (member === undefined) throw new ProblemError('not-found');
        refuse(leaveRefusal(member.role, before));
        const at = now();
        await deleteMember(tx, params.id, person.id);
        const ended = before.memberCount === 1 ? await revokeAllPending(tx, before, at) : [];
        await recordChange(tx, {
          before,
          set: { memberCount: before.memberCount - 1 },
          actor: person.id,
          at,
          events: [
            (after) => memberGone('member.left', after, member),
            ...ended.map((view) => () => invitationEvent('invitation.revoked', view)),
          ],
        });
      });
      return noContent();
    },
    { params: ById, detail: docs('members', 'Leaves a conversation; its owner hands it over first unless alone.') },
  );
