import type { Id } from '@chatapp/contract/ids';
import { JoinRequest } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia } from 'elysia';
import { isBanned } from '../bans/ban-store.ts';
import { lockConversation, recordChange } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { coolDownLeftMs } from '../invitations/invitation.ts';
import { membershipRefusal } from '../members/member.ts';
import { findMember } from '../members/member-store.ts';
import { refuse } from '../refuse.ts';
import { ById, docs, noContent } from '../route-docs.ts';
import { requireUser } from '../users/user-store.ts';
import { deleteJoinRequest, findJoinRequest, type JoinRequestView, saveJoinRequest } from './join-request-store.ts';

type Deps = Uses<'auth' | 'transact' | 'now' | 'coolDownMs'>;

/**
 * `POST` and `DELETE /conversations/:id/join-requests`: asks to be let in where the conversation lets people ask, and takes it back. One that does
 * not is not there for a stranger.
 */
export const askToJoin = ({ auth, transact, now, coolDownMs }: Deps) =>
  new Elysia()
    .use(person(auth))
    .post(
      '/conversations/:id/join-requests',
      async ({ person, params, set }) => {
        const at = now();
        const { view, isNew } = await transact(async (tx, { repeated }) => {
          const before = await lockConversation(tx, params.id);
          await refuseAsker(tx, before, person.id);
          const user = await requireUser(tx, person.id);
          const known = await findJoinRequest(tx, before.id, user.id);
          if (known?.state === 'pending') return { view: { user, createdAt: known.createdAt }, isNew: repeated };
          const retryAfterMs = coolDownLeftMs(known?.settledAt ?? undefined, { now: at, coolDownMs });
          if (retryAfterMs > 0) throw new ProblemError('cool-down', { retryAfterMs });
          await saveJoinRequest(tx, { conversationId: before.id, userId: user.id, createdAt: at });
          const request = toJoinRequest({ user, createdAt: at });
          const events = [() => ({ type: 'member.requested', data: { request } }) as const];
          await recordChange(tx, { before, actor: user.id, at, events });
          return { view: { user, createdAt: at }, isNew: true };
        });
        set.status = isNew ? 201 : 200;
        return toJoinRequest(view);
      },
      {
        params: ById,
        beforeHandle: refuseBody,
        response: { 200: JoinRequest, 201: JoinRequest },
        detail: docs('members', 'Asks to be let into a conversation that allows it.'),
      },
    )
    .delete(
      '/conversations/:id/join-requests',
      async ({ person, params }) => {
        await transact(async (tx, { repeated }) => {
          const before = await lockConversation(tx, params.id);
          const existed = await deleteJoinRequest(tx, params.id, person.id);
          if (!existed && repeated) return;
          if (!existed) throw new ProblemError('not-found');
          const acts = [{ act: 'join-request.withdrawn', subjectId: person.id, details: {} }];
          await recordChange(tx, { before, actor: person.id, at: now(), events: [], acts });
        });
        return noContent();
      },
      { params: ById, detail: docs('members', 'Takes my request back.') },
    );

const refuseAsker = async (
  tx: Transaction,
  conversation: Parameters<typeof membershipRefusal>[0] & { id: Id; joinable: boolean },
  id: Id,
): Promise<void> => {
  if (await findMember(tx, conversation.id, id)) {
    throw new ProblemError('conflict', { detail: 'You are a member already.' });
  }
  if (!conversation.joinable) throw new ProblemError('not-found');
  if (await isBanned(tx, conversation.id, id)) throw new ProblemError('banned');
  refuse(membershipRefusal(conversation));
};

export const toJoinRequest = ({ user, createdAt }: JoinRequestView): JoinRequest => ({
  user,
  createdAt: createdAt.toISOString(),
});
