import { StartDirectConversation } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { Conversation, type User } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { refuseBlocked } from '../invitations/invite-refusals.ts';
import { type MemberView, memberAdded, toMember } from '../members/member.ts';
import { findMember, insertMember } from '../members/member-store.ts';
import { docs } from '../route-docs.ts';
import type { ConversationRow } from '../tables.ts';
import { holdUser, requireUser } from '../users/user-store.ts';
import { conversationSeenBy, newConversation, newMembership, pairOf } from './conversation.ts';
import { insertConversation, lockDirect, readSeat, recordChange } from './conversation-store.ts';

/** `POST /direct-conversations`: the one conversation of the caller and another person, made where it does not exist. */
export const startDirectConversation = ({
  auth,
  transact,
  now,
  newId,
  coolDownMs,
}: Uses<'auth' | 'transact' | 'now' | 'newId' | 'coolDownMs'>) =>
  new Elysia().use(person(auth)).post(
    '/direct-conversations',
    async ({ person, body, set }) => {
      if (body.userId === person.id) throw invalidPeer();
      const pair = pairOf(person.id, body.userId);
      const fresh = newConversation({
        id: newId(),
        kind: 'direct',
        createdBy: person.id,
        at: now(),
        name: '',
        topic: null,
        avatarUrl: null,
        pair,
      });
      const conversation = await transact(async (tx) => {
        const [me, peer] = [await requireUser(tx, person.id), await holdUser(tx, body.userId)];
        if (peer === undefined) throw invalidPeer();
        const known = await lockDirect(tx, pair);
        // Who has the conversation keeps it; nobody is brought into one by whom they blocked.
        if (!known || !(await findMember(tx, known.id, peer.id))) {
          await refuseBlocked(tx, { by: peer.id, who: me.id }, coolDownMs);
        }
        if (known) return await bringTogether(tx, known, { me, peer, at: fresh.createdAt });
        // Two at once: the unique index lets one insert, the other waits for it and finds it.
        if (await insertConversation(tx, fresh)) return await writePair(tx, fresh, { me, peer });
        const theirs = await lockDirect(tx, pair);
        if (theirs === undefined) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
        return await bringTogether(tx, theirs, { me, peer, at: fresh.createdAt });
      });
      set.status = conversation.id === fresh.id ? 201 : 200;
      return conversation;
    },
    {
      body: StartDirectConversation,
      response: { 200: Conversation, 201: Conversation },
      detail: docs('conversations', 'Opens the direct conversation with a person; the same pair gets the same one.'),
    },
  );

/** The conversation as I see it. Who deleted their account, and came back, is a member again: the same pair, the same conversation, for ever. */
const bringTogether = async (
  tx: Transaction,
  before: ConversationRow,
  { me, peer, at }: { me: User; peer: User; at: Date },
): Promise<Conversation> => {
  const missing: { view: MemberView; peer: User }[] = [];
  for (const [user, other] of [[me, peer] as const, [peer, me] as const]) {
    if (await findMember(tx, before.id, user.id)) continue;
    await insertMember(tx, { conversationId: before.id, userId: user.id, role: 'member', joinedAt: at });
    missing.push({ view: { user, role: 'member', joinedAt: at }, peer: other });
  }
  if (missing.length > 0) {
    const set = { memberCount: 2, deletedAt: null };
    const events = missing.map(
      ({ view, peer: other }) =>
        (now: ConversationRow) =>
          memberAdded(now, view, other),
    );
    await recordChange(tx, { before, set, actor: me.id, at, events });
  }
  const seat = await readSeat(tx, before.id, me.id);
  return conversationSeenBy(seat.member, seat.conversation, seat.peer);
};

const writePair = async (
  tx: Transaction,
  row: ConversationRow,
  { me, peer }: { me: User; peer: User },
): Promise<Conversation> => {
  const seat = (userId: Id) => ({ conversationId: row.id, userId, role: 'member', joinedAt: row.createdAt }) as const;
  await insertMember(tx, seat(me.id));
  await insertMember(tx, seat(peer.id));
  const view = (user: User) => ({ user, role: 'member', joinedAt: row.createdAt }) as const;
  const after = await recordChange(tx, {
    before: row,
    set: { memberCount: 2 },
    actor: me.id,
    at: row.createdAt,
    events: [
      (now) => ({
        type: 'conversation.created',
        data: { conversation: conversationSeenBy(newMembership('member'), now, peer), member: toMember(view(me)) },
      }),
      (now) => memberAdded(now, view(peer), me),
    ],
  });
  return conversationSeenBy(newMembership('member'), after, peer);
};

const invalidPeer = () => new ProblemError('invalid', { errors: [{ path: '/userId', code: 'unknown' }] });
