import type { ExpiresIn, Invite } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import type { ProblemCode } from '@chatapp/contract/problem';
import { may, outranks, type Role, roles } from '@chatapp/contract/roles';
import type { Invitation, User } from '@chatapp/contract/shapes';
import type { Draft } from '../events/event.ts';
import type { ConversationRow, InvitationRow } from '../tables.ts';
import { foldEmail } from '../users/user.ts';

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

/** The hour since the epoch by which the sweeper looks for what is over. */
export const hourOf = (at: Date): number => Math.floor(at.getTime() / hourMs);

/** Whom an invitation is for: exactly one of the three; undefined where the request names none or several. */
export const kindOf = ({ userId, email, link, usesMax }: Invite): Invitation['kind'] | undefined => {
  const named = [userId, email, link].filter((value) => value !== undefined);
  if (named.length !== 1 || (usesMax !== undefined && link === undefined)) return undefined;
  if (userId !== undefined) return 'person';
  return email === undefined ? 'link' : 'email';
};

/** An invitation as it begins. A mail is due at once. */
export const newInvitation = (
  wanted: Invite,
  given: { id: Id; kind: Invitation['kind']; conversationId: Id; inviterId: Id; at: Date },
): InvitationRow => {
  const expiresAt = expiryOf(wanted.expiresIn ?? '7d', given.at);
  return {
    id: given.id,
    conversationId: given.conversationId,
    kind: given.kind,
    state: 'pending',
    role: wanted.role ?? 'member',
    inviterId: given.inviterId,
    inviteeId: wanted.userId ?? null,
    createdAt: given.at,
    expiresAt,
    settledAt: null,
    usesMax: wanted.usesMax ?? null,
    uses: 0,
    email: wanted.email ?? null,
    emailFolded: wanted.email === undefined ? null : foldEmail(wanted.email),
    expiresHour: expiresAt === null ? null : hourOf(expiresAt),
    mailDueAt: wanted.email === undefined ? null : given.at,
    mailAttempts: 0,
  };
};

/** The state at an instant: a pending one that is over has expired, whether or not anybody wrote that down. */
export const stateAt = ({ state, expiresAt }: Pick<InvitationRow, 'state' | 'expiresAt'>, now: Date): State =>
  state === 'pending' && expiresAt !== null && expiresAt <= now ? 'expired' : state;

/** An invitation as `viewer` sees it: the address is for the inviter only. */
export const toInvitation = (
  { invitation, conversation, inviter, invitee }: InvitationView,
  { now, viewer }: { now: Date; viewer: Id },
): Invitation => ({
  id: invitation.id,
  kind: invitation.kind,
  state: stateAt(invitation, now),
  conversation,
  role: invitation.role,
  inviter,
  invitee,
  email: viewer === inviter.id ? invitation.email : null,
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

/** What is told of invitations that were revoked together. */
export const revokedEvents = (views: readonly InvitationView[]): (() => Draft)[] =>
  views.map((view) => () => invitationEvent('invitation.revoked', view));

/** The roles that somebody may not invite with. */
export const refusedRoles = (inviter: Role, conversation: Pick<ConversationRow, 'membersMayInvite'>): Role[] =>
  roles.filter((invited) => inviteRefusal(inviter, conversation, invited) !== undefined);

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

/** Why this person may not redeem the token of an invitation: an e-mail's is for who has the address, and was shown to have it. */
export const redeemRefusal = (
  { kind, emailFolded }: Pick<InvitationRow, 'kind' | 'emailFolded'>,
  person: { emailFolded: string | null; emailVerified: boolean } | undefined,
): ProblemCode | undefined => {
  if (kind !== 'email') return undefined;
  return person?.emailVerified && person.emailFolded === emailFolded ? undefined : 'invitation-not-for-you';
};

/** What declining or revoking does: `settle` it, nothing because it is `done` already, or the code that refuses it. */
export const endingOf = (state: State, wanted: 'declined' | 'revoked'): 'settle' | 'done' | ProblemCode => {
  if (state === 'pending') return 'settle';
  if (state === wanted) return 'done';
  return state === 'accepted' ? 'conflict' : (acceptRefusal(state) ?? 'conflict');
};

/** How long somebody must wait after a decline, ms; 0: not at all. */
export const coolDownLeftMs = (
  declinedAt: Date | undefined,
  { now, coolDownMs }: { now: Date; coolDownMs: number },
): number => (declinedAt === undefined ? 0 : Math.max(0, declinedAt.getTime() + coolDownMs - now.getTime()));

type InvitationEventType = Extract<Draft['type'], `invitation.${string}`>;

/** The event that carries the whole invitation, in the state that its name says; a link that is used stays open until it is used up. */
export const invitationEvent = (type: InvitationEventType, view: InvitationView): Draft => {
  const uses = view.invitation.uses + (type === 'invitation.accepted' ? 1 : 0);
  const state =
    type === 'invitation.accepted' && view.invitation.kind === 'link' ? linkState(view, uses) : stateOf[type];
  const invitation = { ...view.invitation, state, uses };
  return { type, data: toInvitation({ ...view, invitation }, { now: invitation.createdAt, viewer: view.inviter.id }) };
};

const linkState = ({ invitation: { usesMax } }: InvitationView, uses: number): State =>
  usesMax !== null && uses >= usesMax ? 'used-up' : 'pending';

const stateOf: Record<InvitationEventType, State> = {
  'invitation.created': 'pending',
  'invitation.accepted': 'accepted',
  'invitation.declined': 'declined',
  'invitation.revoked': 'revoked',
  'invitation.expired': 'expired',
};
