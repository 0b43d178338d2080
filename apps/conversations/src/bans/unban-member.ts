import { may } from '@chatapp/contract/roles';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { ByMember, docs, noContent } from '../route-docs.ts';
import { deleteBan } from './ban-store.ts';

/** `DELETE /conversations/:id/bans/:userId`: the person may be invited again; it does not bring them back. */
export const unbanMember = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).delete(
    '/conversations/:id/bans/:userId',
    async ({ person, params: { id, userId } }) => {
      await transact(async (tx) => {
        const { conversation: before, member } = await lockSeat(tx, id, person.id);
        if (!may(member.role, 'remove-member')) throw new ProblemError('forbidden');
        const existed = await deleteBan(tx, id, userId);
        if (!existed) return;
        const data = { userId, role: null, previousRole: null };
        const events = [() => ({ type: 'member.unbanned', data }) as const];
        await recordChange(tx, { before, actor: person.id, at: now(), events });
      });
      return noContent();
    },
    { params: ByMember, detail: docs('members', 'Ends a ban.') },
  );
