import { AcceptedInvitation, InvitationToken } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { type Conversation, Invitation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia, t } from 'elysia';
import { isBanned } from '../bans/ban-store.ts';
import { conversationSeenBy } from '../conversations/conversation.ts';
import { lockConversation, readSeat } from '../conversations/conversation-store.ts';
import type { Queryable, Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { findMember } from '../members/member-store.ts';
import { refuse } from '../refuse.ts';
import { docs } from '../route-docs.ts';
import { readProfile } from '../users/user-store.ts';
import { type Acceptance, acceptOnce, join, refusalOf } from './accept-invitation.ts';
import { acceptRefusal, type InvitationView, redeemRefusal, stateAt, toInvitation } from './invitation.ts';
import { hasRedeemed, insertRedemption, takeUse } from './invitation-store.ts';
import { readInvitationByToken } from './invitation-view-store.ts';
import { hashOfToken } from './token.ts';

const ByToken = t.Object({ token: InvitationToken });

/** `GET /invitations/token/:token`, the preview before joining, and `POST …/accept`. Who is a member already gets 200 whatever became of it. */
export const redeemToken = ({ auth, read, transact, now }: Uses<'auth' | 'read' | 'transact' | 'now'>) =>
  new Elysia()
    .use(person(auth))
    .get(
      '/invitations/token/:token',
      async ({ person, params }) => {
        const at = now();
        const view = await read(async (db) => {
          const found = await readForMe(db, params.token, person.id);
          if (!(await findMember(db, found.conversation.id, person.id))) await refusePreview(db, found, person.id, at);
          return found;
        });
        return toInvitation(view, { now: at, viewer: person.id });
      },
      {
        params: ByToken,
        response: { 200: Invitation },
        detail: docs('invitations', "Shows what a link's or an e-mail's token invites to."),
      },
    )
    .post(
      '/invitations/token/:token/accept',
      async ({ person, params }) => {
        const at = now();
        const conversation = await transact(async (tx) => {
          const { conversation } = await readForMe(tx, params.token, person.id);
          const before = await lockConversation(tx, conversation.id);
          const view = await readForMe(tx, params.token, person.id);
          return await redeem(tx, { view, before, userId: person.id, at });
        });
        return { conversation };
      },
      {
        params: ByToken,
        beforeHandle: refuseBody,
        response: { 200: AcceptedInvitation },
        detail: docs('invitations', "Joins by a link's or an e-mail's token. A second click costs no use."),
      },
    );

/** Throws `not-found`, or `invitation-not-for-you` where it is for an address that is not this person's. */
const readForMe = async (db: Queryable, token: string, userId: Id): Promise<InvitationView> => {
  const view = await readInvitationByToken(db, hashOfToken(token));
  if (view === undefined) throw new ProblemError('not-found');
  refuse(redeemRefusal(view.invitation, await readProfile(db, userId)));
  return view;
};

const refusePreview = async (db: Queryable, view: InvitationView, userId: Id, at: Date): Promise<void> => {
  if (await isBanned(db, view.conversation.id, userId)) throw new ProblemError('banned');
  refuse(acceptRefusal(stateAt(view.invitation, at)));
};

const redeem = async (tx: Transaction, acceptance: Acceptance): Promise<Conversation> => {
  const { view, before, userId, at } = acceptance;
  if (view.invitation.kind === 'email') return await acceptOnce(tx, acceptance);
  if (await findMember(tx, before.id, userId)) {
    const seat = await readSeat(tx, before.id, userId);
    return conversationSeenBy(seat.member, seat.conversation, seat.peer);
  }
  const isFree = await hasRedeemed(tx, view.invitation.id, userId);
  if (isFree) refuse(acceptRefusal(stateAt(view.invitation, at)));
  else if (!(await takeUse(tx, view.invitation.id, at))) throw await refusalOf(tx, acceptance);
  await insertRedemption(tx, { invitationId: view.invitation.id, userId, createdAt: at });
  return await join(tx, acceptance, { told: !isFree });
};
