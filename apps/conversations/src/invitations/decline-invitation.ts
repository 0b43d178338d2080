import { person } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { ById, docs, noContent } from '../route-docs.ts';
import { readMine } from './accept-invitation.ts';
import { endInvitation } from './end-invitation.ts';

/** `POST /invitations/:id/decline`: from now on the inviter has to wait before asking again. */
export const declineInvitation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/invitations/:id/decline',
    async ({ person, params }) => {
      await transact(async (tx) => {
        const view = await readMine(tx, params.id, person.id);
        await endInvitation(tx, view, { state: 'declined', actor: person.id, at: now() });
      });
      return noContent();
    },
    { params: ById, detail: docs('invitations', 'Declines an invitation to me.') },
  );
