import { may } from '@chatapp/contract/roles';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { readSeat } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { ById, docs, noContent } from '../route-docs.ts';
import { endInvitation } from './end-invitation.ts';
import { readInvitation } from './invitation-view-store.ts';

/** `DELETE /invitations/:id`: by its inviter while a member, or an admin. For anybody else outside the conversation it does not exist. */
export const revokeInvitation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).delete(
    '/invitations/:id',
    async ({ person, params }) => {
      await transact(async (tx) => {
        const view = await readInvitation(tx, params.id);
        if (view === undefined) throw new ProblemError('not-found');
        const { member } = await readSeat(tx, view.conversation.id, person.id);
        const isMine = view.invitation.inviterId === person.id;
        if (!isMine && !may(member.role, 'revoke-invitation')) throw new ProblemError('forbidden');
        await endInvitation(tx, view, { state: 'revoked', actor: person.id, at: now() });
      });
      return noContent();
    },
    { params: ById, detail: docs('invitations', 'Revokes an invitation that I sent, or as an admin.') },
  );
