import type { Id } from '@chatapp/contract/ids';
import { and, asc, eq, isNotNull, lte } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import type { InvitationView } from '../invitations/invitation.ts';
import { invitationViews } from '../invitations/invitation-view-store.ts';
import { type InvitationRow, invitations } from '../tables.ts';

/** Pending invitations whose mail is to be sent by now. */
export const listDueMails = async (
  db: Queryable,
  { now, limit }: { now: Date; limit: number },
): Promise<InvitationView[]> =>
  await invitationViews(db)
    .where(and(isNotNull(invitations.mailDueAt), lte(invitations.mailDueAt, now), eq(invitations.state, 'pending')))
    .orderBy(asc(invitations.id))
    .limit(limit);

/** Notes the attempt before it is made; false where somebody else made it, or the invitation ended. `again`: when the next one is due. */
export const claimMail = async (
  tx: Transaction,
  { id, mailAttempts }: InvitationRow,
  { again }: { again: Date | null },
): Promise<boolean> => {
  const claimed = await tx
    .update(invitations)
    .set({ mailAttempts: mailAttempts + 1, mailDueAt: again })
    .where(
      and(
        eq(invitations.id, id),
        eq(invitations.mailAttempts, mailAttempts),
        isNotNull(invitations.mailDueAt),
        eq(invitations.state, 'pending'),
      ),
    )
    .returning({ id: invitations.id });
  return claimed.length > 0;
};

/** It was sent. */
export const settleMail = async (tx: Transaction, id: Id): Promise<void> => {
  await tx.update(invitations).set({ mailDueAt: null }).where(eq(invitations.id, id));
};
