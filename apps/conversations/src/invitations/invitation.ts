import type { ExpiresIn } from '@chatapp/contract/http-conversations';
import type { ProblemCode } from '@chatapp/contract/problem';
import { may, outranks, type Role } from '@chatapp/contract/roles';
import type { Invitation, User } from '@chatapp/contract/shapes';
import type { Draft } from '../events/event.ts';
import type { ConversationRow, InvitationRow } from '../tables.ts';

type State = Invitation['state'];

/** An invitation with what is shown beside it. */
export interface InvitationView {
  readonly invitation: InvitationRow;
  readonly conversation: Invitation['conversation'];
  readonly inviter: User;
  readonly invitee: User | null;
}

const hourMs = 3_600_000;
const lifeMs: Record<Exclude<ExpiresIn, 'never'>, number> = {
  '1h': hourMs,
  '1d': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': 30 * 24 * hourMs,
};

/** When an invitation ends; null: never. */
export const expiryOf = (expiresIn: ExpiresIn, now: Date): Date | null =>
  expiresIn === 'never' ? null : new Date(now.getTime() + lifeMs[expiresIn]);

/** The state at an instant: a pending one that is over has expired, whether or not anybody wrote that down. */
export const stateAt = ({ state, expiresAt }: Pick<InvitationRow, 'state' | 'expiresAt'>, now: Date): State =>
  state === 'pending' && expiresAt !== null && expiresAt <= now ? 'expired' : state;

export const toInvitation = (
  { invitation, conversation, inviter, invitee }: InvitationView,
  now: Date,
): Invitation => ({
  id: invitation.id,
  kind: invitation.kind,
  state: stateAt(invitation, now),
  conversation,
  role: invitation.role,
  inviter,
  invitee,
  email: null,
  createdAt: invitation.createdAt.toISOString(),
  expiresAt: invitation.expiresAt?.toISOString() ?? null,
  usesMax: invitation.usesMax,
  uses: invitation.uses,
});

/** Why somebody may not invite with a role: never above their own, and an owner is made by handing over only. */
export const inviteRefusal = (
  inviter: Role,
  conversation: Pick<ConversationRow, 'membersMayInvite'>,
  invited: Role,
): ProblemCode | undefined =>
  may(inviter, 'invite', conversation) && !outranks(invited, inviter) && invited !== 'owner' ? undefined : 'forbidden';

/** Why an invitation in this state cannot be accepted. An accepted one whose person has left since is used up. */
export const acceptRefusal = (state: State): ProblemCode | undefined => {
  switch (state) {
    case 'pending':
      return undefined;
    case 'expired':
      return 'invitation-expired';
    case 'revoked':
      return 'invitation-revoked';
    case 'declined':
      return 'invitation-declined';
    case 'accepted':
    case 'used-up':
      return 'invitation-used-up';
    default:
      return state satisfies never;
  }
};

/** What declining or revoking does: `settle` it, nothing because it is `done` already, or the code that refuses it. */
export const endingOf = (state: State, wanted: 'declined' | 'revoked'): 'settle' | 'done' | ProblemCode => {
  if (state === 'pending') return 'settle';
  if (state === wanted) return 'done';
  return state === 'accepted' ? 'conflict' : (acceptRefusal(state) ?? 'conflict');
};

/** How long an inviter must wait after a decline, ms; 0: not at all. */
export const coolDownLeftMs = (
  declinedAt: Date | undefined,
  { now, coolDownMs }: { now: Date; coolDownMs: number },
): number => (declinedAt === undefined ? 0 : Math.max(0, declinedAt.getTime() + coolDownMs - now.getTime()));

type InvitationEventType = Extract<Draft['type'], `invitation.${string}`>;

/** The event that carries the whole invitation, in the state that its name says. */
export const invitationEvent = (type: InvitationEventType, view: InvitationView): Draft => {
  const state = stateOf[type];
  const uses = view.invitation.uses + (type === 'invitation.accepted' ? 1 : 0);
  const invitation = { ...view.invitation, state, uses };
  return { type, data: toInvitation({ ...view, invitation }, view.invitation.createdAt) };
};

const stateOf: Record<InvitationEventType, State> = {
  'invitation.created': 'pending',
  'invitation.accepted': 'accepted',
  'invitation.declined': 'declined',
  'invitation.revoked': 'revoked',
  'invitation.expired': 'expired',
};
