import { DeclineInvitation } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia, t } from 'elysia';
import { insertBlock } from '../blocks/block-store.ts';
import type { Queryable } from '../database.ts';
import type { Uses } from '../deps.ts';
import { ById, docs, noContent } from '../route-docs.ts';
import { readProfile } from '../users/user-store.ts';
import { endInvitation } from './end-invitation.ts';
import { type InvitationView, redeemRefusal } from './invitation.ts';
import { readInvitation } from './invitation-view-store.ts';

/** `POST /invitations/:id/decline`: from now on the inviter has to wait before asking again, with `block` for ever. */
export const declineInvitation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/invitations/:id/decline',
    async ({ person, params, body }) => {
      const at = now();
      await transact(async (tx) => {
        const view = await readMine(tx, params.id, person.id);
        await endInvitation(tx, view, { state: 'declined', actor: person.id, at });
        if (body?.block) await insertBlock(tx, { userId: person.id, blockedId: view.inviter.id, createdAt: at });
      });
      return noContent();
    },
    {
      params: ById,
      body: t.Optional(DeclineInvitation),
      detail: docs('invitations', 'Declines an invitation to me, and blocks its inviter where wanted.'),
    },
  );

/** An invitation to me, or to my verified address. One to somebody else does not exist for me, and a link is nobody's to decline. */
const readMine = async (db: Queryable, id: Id, userId: Id): Promise<InvitationView> => {
  const view = await readInvitation(db, id);
  if (view === undefined || !(await isMine(db, view, userId))) throw new ProblemError('not-found');
  return view;
};

const isMine = async (db: Queryable, { invitation }: InvitationView, userId: Id): Promise<boolean> => {
  if (invitation.kind !== 'email') return invitation.inviteeId === userId;
  return redeemRefusal(invitation, await readProfile(db, userId)) === undefined;
};
