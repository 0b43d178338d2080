import { Ban } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia } from 'elysia';
import { lockSeat, recordChange, type Seat } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { revokedEvents } from '../invitations/invitation.ts';
import { revokeOf } from '../invitations/invitation-store.ts';
import { deleteJoinRequest } from '../join-requests/join-request-store.ts';
import { banRefusal, type MemberView, memberGone } from '../members/member.ts';
import { deleteMember, findMember } from '../members/member-store.ts';
import { refuse } from '../refuse.ts';
import { ByMember, docs } from '../route-docs.ts';
import { findUser, readAddressee, requireUser } from '../users/user-store.ts';
import { type BanView, findBan, insertBan } from './ban-store.ts';

/**
 * `POST /conversations/:id/bans/:userId`: takes somebody of a strictly lower role out and lets them come back by no road; also somebody who is no
 * member. Their request ends, and the open invitations that they sent or got.
 */
export const banMember = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/conversations/:id/bans/:userId',
    async ({ person, params, set }) => {
      const at = now();
      const { ban, isNew } = await transact(async (tx, { repeated }) => {
        const seat = await lockSeat(tx, params.id, person.id);
        const subject = await findMember(tx, params.id, params.userId);
        refuse(banRefusal(seat.member.role, subject?.role));
        const known = await findBan(tx, params.id, params.userId);
        if (known) return { ban: known, isNew: repeated };
        return { ban: await writeBan(tx, seat, { subject, userId: params.userId, at }), isNew: true };
      });
      set.status = isNew ? 201 : 200;
      return toBan(ban);
    },
    {
      params: ByMember,
      beforeHandle: refuseBody,
      response: { 200: Ban, 201: Ban },
      detail: docs('members', 'Bans somebody of a strictly lower role, a member or not.'),
    },
  );

const writeBan = async (
  tx: Transaction,
  { conversation: before, member }: Seat,
  { subject, userId, at }: { subject: MemberView | undefined; userId: Id; at: Date },
): Promise<BanView> => {
  const [user, by] = [await findUser(tx, userId), await requireUser(tx, member.userId)];
  if (user === undefined) throw new ProblemError('not-found');
  await insertBan(tx, { conversationId: before.id, userId, bannedBy: by.id, createdAt: at });
  await deleteJoinRequest(tx, before.id, userId);
  const ended = await revokeOf(tx, before.id, await readAddressee(tx, userId), at);
  if (subject) await deleteMember(tx, before.id, userId);
  await recordChange(tx, {
    before,
    set: { memberCount: before.memberCount - (subject ? 1 : 0) },
    actor: by.id,
    at,
    events: [
      ...(subject ? [(after: typeof before) => memberGone('member.banned', after, subject)] : []),
      ...revokedEvents(ended),
    ],
    // Of somebody who is no member nobody's list changes.
    acts: subject ? [] : [{ act: 'member.banned', subjectId: userId, details: {} }],
  });
  return { user, by, createdAt: at };
};

export const toBan = ({ user, by, createdAt }: BanView): Ban => ({ user, by, createdAt: createdAt.toISOString() });
