import type { UpdateConversation } from '@chatapp/contract/http-conversations';
import type { ProblemCode } from '@chatapp/contract/problem';
import { may, type Role } from '@chatapp/contract/roles';
import type { Draft } from '../events/event.ts';
import { conversationName, oneLine, oneLineOrNull, topic } from '../plain-text.ts';
import type { ConversationRow } from '../tables.ts';

type Fields = Pick<
  ConversationRow,
  'name' | 'topic' | 'avatarUrl' | 'membersMayInvite' | 'joinable' | 'receipts' | 'archivedAt'
>;

/** Why a role may not make this update, or why the conversation takes none: an archived one must be unarchived with it. */
export const updateRefusal = (
  role: Role,
  conversation: Pick<ConversationRow, 'archivedAt'>,
  update: UpdateConversation,
): ProblemCode | undefined => {
  const { archived, ...fields } = update;
  const changesFields = Object.keys(fields).length > 0;
  if (changesFields && !may(role, 'update-conversation')) return 'forbidden';
  if (archived !== undefined && !may(role, 'archive-conversation')) return 'forbidden';
  if (changesFields && conversation.archivedAt !== null && archived !== false) return 'conflict';
  return undefined;
};

/** The fields that differ afterwards; empty where the update changes nothing. */
export const changedFields = (before: Fields, update: UpdateConversation, now: Date): Partial<Fields> => {
  const wanted: Fields = {
    name: update.name === undefined ? before.name : oneLine(update.name, conversationName),
    topic: update.topic === undefined ? before.topic : oneLineOrNull(update.topic, topic),
    avatarUrl: update.avatarUrl === undefined ? before.avatarUrl : update.avatarUrl,
    membersMayInvite: update.membersMayInvite ?? before.membersMayInvite,
    joinable: update.joinable ?? before.joinable,
    receipts: update.receipts ?? before.receipts,
    archivedAt: archivedAtAfter(before.archivedAt, update.archived, now),
  };
  const keys = Object.keys(wanted) as (keyof Fields)[];
  return Object.fromEntries(keys.filter((key) => wanted[key] !== before[key]).map((key) => [key, wanted[key]]));
};

const archivedAtAfter = (before: Date | null, archived: boolean | undefined, now: Date): Date | null => {
  if (archived === undefined) return before;
  return archived ? (before ?? now) : null;
};

export const conversationUpdated = ({ archivedAt, ...set }: Partial<Fields>): Draft => ({
  type: 'conversation.updated',
  data: archivedAt === undefined ? set : { ...set, archivedAt: archivedAt?.toISOString() ?? null },
});
