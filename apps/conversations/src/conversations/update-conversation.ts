import { UpdateConversation } from '@chatapp/contract/http-conversations';
import { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { refuse } from '../refuse.ts';
import { ById, docs } from '../route-docs.ts';
import { conversationSeenBy } from './conversation.ts';
import { deleteConversationAvatar } from './conversation-avatar-store.ts';
import { lockSeat, recordChange } from './conversation-store.ts';
import { changedFields, conversationUpdated, updateRefusal } from './conversation-update.ts';

/** `PATCH /conversations/:id`: what all members share; archives and unarchives. */
export const updateConversation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).patch(
    '/conversations/:id',
    async ({ person, params, body }) =>
      await transact(async (tx) => {
        const { conversation: before, member, peer } = await lockSeat(tx, params.id, person.id);
        refuse(updateRefusal(member.role, before, body));
        const at = now();
        const set = changedFields(before, body, at);
        if (Object.keys(set).length === 0) return conversationSeenBy(member, before, peer);
        if (set.avatarUrl !== undefined) await deleteConversationAvatar(tx, params.id);
        const events = [() => conversationUpdated(set)];
        const after = await recordChange(tx, { before, set, actor: person.id, at, events });
        return conversationSeenBy(member, after, peer);
      }),
    {
      params: ById,
      body: UpdateConversation,
      response: { 200: Conversation },
      detail: docs('conversations', 'Changes a conversation for all its members, or archives it.'),
    },
  );
