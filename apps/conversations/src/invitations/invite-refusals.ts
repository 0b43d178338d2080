import type { Id } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import type { User } from '@chatapp/contract/shapes';
import { ProblemError } from '@chatapp/service/problem';
import { isBanned } from '../bans/ban-store.ts';
import { isBlocked } from '../blocks/block-store.ts';
import type { Transaction } from '../database.ts';
import { findMember } from '../members/member-store.ts';
import type { InvitationRow } from '../tables.ts';
import { countInTurn, findUser, findUserIdByEmail, readAddressee } from '../users/user-store.ts';
import { coolDownLeftMs } from './invitation.ts';
import { countOpenLinks, lastDeclineOf, sentSince } from './invitation-view-store.ts';

export interface InviteLimits {
  readonly coolDownMs: number;
  /** A person's, over all conversations. */
  readonly invitationsPerHour: number;
}

const hourMs = 3_600_000;

/** Whom a person's invitation names, null for the other kinds. Throws where they are unknown, a member already or banned. */
export const requireInvitee = async (tx: Transaction, row: InvitationRow): Promise<User | null> => {
  const userId = await inviteeIdOf(tx, row);
  if (userId === undefined) return null;
  const invitee = await findUser(tx, userId);
  if (invitee === undefined) throw new ProblemError('invalid', { errors: [{ path: '/userId', code: 'unknown' }] });
  if (await findMember(tx, row.conversationId, userId)) {
    throw new ProblemError('conflict', { detail: 'This person is a member already.' });
  }
  if (await isBanned(tx, row.conversationId, userId)) {
    throw new ProblemError('conflict', { detail: 'This person is banned from the conversation.' });
  }
  return row.kind === 'person' ? invitee : null;
};

/** Throws `cool-down` where the person declined not long ago. Who blocked the inviter answers like that for ever: a block is not told. */
export const refuseCoolDown = async (
  tx: Transaction,
  row: InvitationRow,
  { coolDownMs }: Pick<InviteLimits, 'coolDownMs'>,
): Promise<void> => {
  if (row.kind === 'link') return;
  const inviteeId = (await inviteeIdOf(tx, row)) ?? null;
  if (inviteeId !== null) await refuseBlocked(tx, { by: inviteeId, who: row.inviterId }, coolDownMs);
  const emailFolded = row.emailFolded ?? (inviteeId === null ? null : (await readAddressee(tx, inviteeId)).address);
  const given = { now: row.createdAt, coolDownMs };
  const leftMs = async (kind: 'person' | 'email') =>
    coolDownLeftMs(await lastDeclineOf(tx, { ...row, kind, inviteeId, emailFolded }), given);
  // Whoever declined as the one is not asked as the other either.
  const retryAfterMs = Math.max(await leftMs('person'), await leftMs('email'));
  if (retryAfterMs > 0) throw new ProblemError('cool-down', { retryAfterMs });
};

export const refuseBlocked = async (tx: Transaction, key: { by: Id; who: Id }, coolDownMs: number): Promise<void> => {
  if (await isBlocked(tx, key)) throw new ProblemError('cool-down', { retryAfterMs: coolDownMs });
};

/** Throws `rate-limited` where the inviter sent too many in the hour before, and `conflict` where a conversation has too many links. */
export const refuseTooMany = async (
  tx: Transaction,
  row: InvitationRow,
  { invitationsPerHour }: Pick<InviteLimits, 'invitationsPerHour'>,
): Promise<void> => {
  await countInTurn(tx, row.inviterId);
  const since = new Date(row.createdAt.getTime() - hourMs);
  const { count, first } = await sentSince(tx, row.inviterId, since);
  if (count >= invitationsPerHour && first !== null) {
    throw new ProblemError('rate-limited', {
      retryAfterMs: Math.max(1000, first.getTime() - since.getTime()),
      policy: { name: 'invitations', limit: invitationsPerHour, windowSeconds: hourMs / 1000 },
    });
  }
  if (row.kind === 'link' && (await countOpenLinks(tx, row.conversationId)) >= limits.linksMax) {
    throw new ProblemError('conflict', { detail: 'This conversation has too many links. Revoke one.' });
  }
};

/** The person that it names, or whose verified address it names. */
const inviteeIdOf = async (tx: Transaction, row: InvitationRow): Promise<Id | undefined> => {
  if (row.inviteeId !== null) return row.inviteeId;
  return row.emailFolded === null ? undefined : await findUserIdByEmail(tx, row.emailFolded);
};
