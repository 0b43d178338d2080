import { AcceptedInvitation } from '@chatapp/contract/http-conversations';
import { may } from '@chatapp/contract/roles';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia } from 'elysia';
import { conversationSeenBy } from '../conversations/conversation.ts';
import { lockSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { admitMember } from '../members/admit-member.ts';
import { memberAdded } from '../members/member.ts';
import { ByMember, docs, noContent } from '../route-docs.ts';
import { declineJoinRequest, deleteJoinRequest } from './join-request-store.ts';

/** `POST /conversations/:id/join-requests/:userId/accept` and `/decline`: the latter makes the person wait before asking again. */
export const answerJoinRequest = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia()
    .use(person(auth))
    .post(
      '/conversations/:id/join-requests/:userId/accept',
      async ({ person, params: { id, userId } }) => {
        const at = now();
        const conversation = await transact(async (tx, { repeated }) => {
          const { conversation, member } = await lockSeat(tx, id, person.id);
          if (!may(member.role, 'accept-join-request')) throw new ProblemError('forbidden');
          const existed = await deleteJoinRequest(tx, id, userId);
          if (!existed && repeated) return conversationSeenBy(member, conversation, null);
          if (!existed) throw new ProblemError('not-found');
          const { before, added } = await admitMember(tx, { conversation, userId, role: 'member', at });
          const set = { memberCount: before.memberCount + 1 };
          const events = [(after: typeof before) => memberAdded(after, added, null)];
          const after = await recordChange(tx, { before, set, actor: person.id, at, events });
          return conversationSeenBy(member, after, null);
        });
        return { conversation };
      },
      {
        params: ByMember,
        beforeHandle: refuseBody,
        response: { 200: AcceptedInvitation },
        detail: docs('members', 'Lets in somebody who asked, as a member.'),
      },
    )
    .post(
      '/conversations/:id/join-requests/:userId/decline',
      async ({ person, params: { id, userId } }) => {
        await transact(async (tx, { repeated }) => {
          const { conversation: before, member } = await lockSeat(tx, id, person.id);
          if (!may(member.role, 'accept-join-request')) throw new ProblemError('forbidden');
          const at = now();
          const existed = await declineJoinRequest(tx, id, userId, at);
          if (!existed && repeated) return;
          if (!existed) throw new ProblemError('not-found');
          const acts = [{ act: 'join-request.declined', subjectId: userId, details: {} }];
          await recordChange(tx, { before, actor: person.id, at, events: [], acts });
        });
        return noContent();
      },
      { params: ByMember, beforeHandle: refuseBody, detail: docs('members', 'Declines a request to be let in.') },
    );
