import { ChangeRole } from '@chatapp/contract/http-conversations';
import { Member } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { refusedRoles, revokedEvents } from '../invitations/invitation.ts';
import { revokeSent } from '../invitations/invitation-store.ts';
import { refuse } from '../refuse.ts';
import { ByMember, docs } from '../route-docs.ts';
import { membershipRefusal, roleChanged, roleChangeRefusal, toMember } from './member.ts';
import { findMember, setRole } from './member-store.ts';

/**
 * `PATCH /conversations/:id/members/:userId`: gives somebody below the caller another role. What they sent and could not send with it is revoked: by it
 * they could take the old role back.
 */
export const changeRole = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).patch(
    '/conversations/:id/members/:userId',
    async ({ person, params, body }) =>
      await transact(async (tx) => {
        const { conversation: before, member: actor } = await lockSeat(tx, params.id, person.id);
        const subject = await findMember(tx, params.id, params.userId);
        if (subject === undefined) throw new ProblemError('not-found');
        refuse(roleChangeRefusal(actor.role, subject.role, body.role));
        refuse(membershipRefusal(before));
        if (subject.role === body.role) return toMember(subject);
        const changed = { ...subject, role: body.role };
        const at = now();
        await setRole(tx, params.id, params.userId, body.role);
        const sent = { conversationId: params.id, inviterId: params.userId, roles: refusedRoles(body.role, before) };
        const ended = await revokeSent(tx, sent, at);
        const events = [(after: typeof before) => roleChanged(after, changed, subject.role), ...revokedEvents(ended)];
        await recordChange(tx, { before, actor: person.id, at, events });
        return toMember(changed);
      }),
    {
      params: ByMember,
      body: ChangeRole,
      response: { 200: Member },
      detail: docs('members', "Changes a member's role, to at most the caller's own."),
    },
  );
