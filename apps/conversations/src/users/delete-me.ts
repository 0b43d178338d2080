import type { Id } from '@chatapp/contract/ids';
import { person } from '@chatapp/service/authenticate';
import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockEvenDeleted, recordChange } from '../conversations/conversation-store.ts';
import type { Queryable, Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { revokedEvents } from '../invitations/invitation.ts';
import { revokeOf } from '../invitations/invitation-store.ts';
import { listOpenInvitationsOf, listOpenInvitationsTo } from '../invitations/invitation-view-store.ts';
import { leave } from '../members/leave.ts';
import { type MemberView, roleChanged } from '../members/member.ts';
import { findHeir, findMember, listMembershipsOf, ownsWithOthers, setRole } from '../members/member-store.ts';
import { docs, noContent } from '../route-docs.ts';
import type { ConversationRow } from '../tables.ts';
import { deleteAvatar } from './avatar-store.ts';
import { deletePersonalRows } from './personal-data-store.ts';
import { type Addressee, endLeaving, holdLeaving, listLeaving, lockProfile, scrubProfile } from './user-store.ts';

type Deps = Uses<'read' | 'transact' | 'now'>;

/**
 * `DELETE /me`: first all that says who the person is, with the event by which the other services erase their part; then they leave every
 * conversation. A crash in between is made good by the sweep. An owner hands their conversations over before.
 */
export const deleteMe = ({ auth, ...deps }: Uses<'auth'> & Deps) =>
  new Elysia().use(person(auth)).delete(
    '/me',
    async ({ person }) => {
      const leaving = await deps.transact(async (tx) => {
        const before = await lockProfile(tx, person.id);
        if (before === undefined || before.deletedAt !== null) return undefined;
        if (await ownsWithOthers(tx, person.id)) throw new ProblemError('last-owner');
        await deleteAvatar(tx, person.id);
        return await scrubProfile(tx, before, deps.now());
      });
      if (leaving !== undefined) await emptyAccount(deps, leaving);
      return noContent();
    },
    { detail: docs('users', 'Deletes my account and everything of it. Export it before.') },
  );

export const leavingLease = 'leaving';

/** Ends what a crash left half done. An account that cannot be emptied waits for the next sweep and holds up no other. */
export const sweepLeaving = async ({ log, ...deps }: Deps & { log: Log }): Promise<void> => {
  for (const leaving of await deps.read((db) => listLeaving(db, batchMax))) {
    await emptyAccount(deps, leaving).catch((error) =>
      log.warn({ error, userId: leaving.id }, 'emptying a deleted account failed; trying again'),
    );
  }
};

const batchMax = 100;

const emptyAccount = async (deps: Deps, leaving: Addressee): Promise<void> => {
  const { read, transact } = deps;
  const { id: userId, address } = leaving;
  const finds: ((db: Queryable) => Promise<Id[]>)[] = [
    (db) => listMembershipsOf(db, userId, batchMax),
    (db) => listOpenInvitationsOf(db, userId, batchMax),
    ...(address === null ? [] : [(db: Queryable) => listOpenInvitationsTo(db, address, batchMax)]),
  ];
  for (const find of finds) {
    let ids: Id[];
    do {
      ids = await read(find);
      for (const id of ids) {
        if (!(await transact((tx) => endIn(tx, id, { leaving, at: deps.now() })))) return;
      }
    } while (ids.length > 0);
  }
  await transact(async (tx) => {
    if (!(await holdLeaving(tx, userId))) return;
    await deletePersonalRows(tx, leaving);
    await endLeaving(tx, userId);
  });
};

/**
 * Takes a deleted person out of one conversation, with the invitations that they sent or got there. False where another emptied the account
 * meanwhile: they may have come back, and what is there is theirs.
 */
const endIn = async (tx: Transaction, id: Id, { leaving, at }: { leaving: Addressee; at: Date }): Promise<boolean> => {
  const { id: userId } = leaving;
  let before = await lockEvenDeleted(tx, id);
  if (!(await holdLeaving(tx, userId))) return false;
  if (before === undefined) return true;
  const ended = await revokeOf(tx, id, leaving, at);
  const events = revokedEvents(ended);
  if (events.length > 0) before = await recordChange(tx, { before, actor: userId, at, events });
  const member = await findMember(tx, id, userId);
  if (member !== undefined) await leave(tx, { before: await handOver(tx, before, { member, at }), member, at });
  return true;
};

/** It became theirs while they deleted their account: the next in rank takes it over. */
const handOver = async (
  tx: Transaction,
  before: ConversationRow,
  { member, at }: { member: MemberView; at: Date },
): Promise<ConversationRow> => {
  if (member.role !== 'owner' || before.deletedAt !== null) return before;
  const heir = await findHeir(tx, before.id, member.user.id);
  if (heir === undefined) return before;
  await setRole(tx, before.id, heir.user.id, 'owner');
  const events = [(after: ConversationRow) => roleChanged(after, { ...heir, role: 'owner' }, heir.role)];
  return await recordChange(tx, { before, actor: null, at, events });
};
