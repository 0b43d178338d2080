import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia } from 'elysia';
import { lockEvenDeleted } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { refuse } from '../refuse.ts';
import { ById, docs, noContent } from '../route-docs.ts';
import { leave } from './leave.ts';
import { leaveRefusal } from './member.ts';
import { findMember } from './member-store.ts';

/** `POST /conversations/:id/leave` */
export const leaveConversation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/conversations/:id/leave',
    async ({ person, params }) => {
      await transact(async (tx, { repeated }) => {
        const before = await lockEvenDeleted(tx, params.id);
        const member = before && (await findMember(tx, params.id, person.id));
        if (member === undefined && repeated) return;
        if (member === undefined || before === undefined || before.deletedAt !== null)
          throw new ProblemError('not-found');
        refuse(leaveRefusal(member.role, before));
        await leave(tx, { before, member, at: now() });
      });
      return noContent();
    },
    {
      params: ById,
      beforeHandle: refuseBody,
      detail: docs('members', 'Leaves a conversation; its owner hands it over first unless alone.'),
    },
  );
