import { CreateConversation } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { toMember } from '../members/member.ts';
import { insertMember } from '../members/member-store.ts';
import { conversationName, oneLine, oneLineOrNull, topic } from '../plain-text.ts';
import { docs } from '../route-docs.ts';
import type { ConversationRow } from '../tables.ts';
import { requireUser } from '../users/user-store.ts';
import { conversationSeenBy, newConversation, newMembership } from './conversation.ts';
import { insertConversation, readSeat, recordChange } from './conversation-store.ts';

/** `POST /conversations`: a group, owned by the caller. */
export const createConversation = ({ auth, transact, now, newId }: Uses<'auth' | 'transact' | 'now' | 'newId'>) =>
  new Elysia().use(person(auth)).post(
    '/conversations',
    async ({ person, body, set }) => {
      const row = newConversation({
        id: newId(),
        createdBy: person.id,
        at: now(),
        kind: 'group',
        name: oneLine(body.name, conversationName),
        topic: oneLineOrNull(body.topic ?? null, topic),
        avatarUrl: body.avatarUrl ?? null,
      });
      const conversation = await transact((tx) => writeGroup(tx, row, person.id));
      set.status = 201;
      return conversation;
    },
    { body: CreateConversation, response: { 201: Conversation }, detail: docs('conversations', 'Creates a group.') },
  );

const writeGroup = async (tx: Transaction, row: ConversationRow, ownerId: Id): Promise<Conversation> => {
  const user = await requireUser(tx, ownerId);
  if (!(await insertConversation(tx, row))) return await conversationOf(tx, row.id, ownerId);
  const owner = { user, role: 'owner', joinedAt: row.createdAt } as const;
  await insertMember(tx, { conversationId: row.id, userId: ownerId, role: 'owner', joinedAt: row.createdAt });
  const after = await recordChange(tx, {
    before: row,
    set: { memberCount: 1 },
    actor: ownerId,
    at: row.createdAt,
    events: [
      (now) => ({
        type: 'conversation.created',
        data: { conversation: conversationSeenBy(newMembership('owner'), now, null), member: toMember(owner) },
      }),
    ],
  });
  return conversationSeenBy(newMembership('owner'), after, null);
};

/** A first run's commit came through after all. */
const conversationOf = async (tx: Transaction, id: Id, userId: Id): Promise<Conversation> => {
  const { member, conversation, peer } = await readSeat(tx, id, userId);
  return conversationSeenBy(member, conversation, peer);
};
