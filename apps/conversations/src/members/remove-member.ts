import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { refuse } from '../refuse.ts';
import { ByMember, docs, noContent } from '../route-docs.ts';
import { memberGone, removalRefusal } from './member.ts';
import { deleteMember, findMember } from './member-store.ts';

/** `DELETE /conversations/:id/members/:userId`: takes somebody of a strictly lower role out, also from an archived conversation. */
export const removeMember = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).delete(
    '/conversations/:id/members/:userId',
    async ({ person, params }) => {
      await transact(async (tx, { repeated }) => {
        const { conversation: before, member: actor } = await lockSeat(tx, params.id, person.id);
        const subject = await findMember(tx, params.id, params.userId);
        if (subject === undefined && repeated) return;
        if (subject === undefined) throw new ProblemError('not-found');
        refuse(removalRefusal(actor.role, subject.role));
        await deleteMember(tx, params.id, params.userId);
        await recordChange(tx, {
          before,
          set: { memberCount: before.memberCount - 1 },
          actor: person.id,
          at: now(),
          events: [(after) => memberGone('member.removed', after, subject)],
        });
      });
      return noContent();
    },
    { params: ByMember, detail: docs('members', 'Removes a member of a strictly lower role.') },
  );
