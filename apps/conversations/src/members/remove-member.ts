import { may } from '@chatapp/contract/roles';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { revokedEvents } from '../invitations/invitation.ts';
import { revokeOf } from '../invitations/invitation-store.ts';
import { refuse } from '../refuse.ts';
import { ByMember, docs, noContent } from '../route-docs.ts';
import { readAddressee } from '../users/user-store.ts';
import { memberGone, removalRefusal } from './member.ts';
import { deleteMember, findMember } from './member-store.ts';

/** `DELETE /conversations/:id/members/:userId`: takes somebody of a strictly lower role out, also from an archived conversation. The open invitations that they sent or got end. */
export const removeMember = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).delete(
    '/conversations/:id/members/:userId',
    async ({ person, params }) => {
      await transact(async (tx) => {
        const { conversation: before, member: actor } = await lockSeat(tx, params.id, person.id);
        const subject = await findMember(tx, params.id, params.userId);
        // What was asked is so: a repeat, whose first answer was lost, is no error.
        if (subject === undefined && may(actor.role, 'remove-member')) return;
        if (subject === undefined) throw new ProblemError('not-found');
        refuse(removalRefusal(actor.role, subject.role));
        const at = now();
        await deleteMember(tx, params.id, params.userId);
        const ended = await revokeOf(tx, params.id, await readAddressee(tx, params.userId), at);
        await recordChange(tx, {
          before,
          set: { memberCount: before.memberCount - 1 },
          actor: person.id,
          at,
          events: [(after) => memberGone('member.removed', after, subject), ...revokedEvents(ended)],
        });
      });
      return noContent();
    },
    { params: ByMember, detail: docs('members', 'Removes a member of a strictly lower role.') },
  );
