import { UpdateMembership } from '@chatapp/contract/http-conversations';
import { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import { conversationSeenBy, type Membership } from '../conversations/conversation.ts';
import { lockSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { ById, docs } from '../route-docs.ts';
import { settingsChanged } from './member.ts';
import { setSettings } from './member-store.ts';

/** `PATCH /conversations/:id/me`: what I alone see of a conversation. */
export const updateMembership = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).patch(
    '/conversations/:id/me',
    async ({ person, params, body }) =>
      await transact(async (tx) => {
        const { conversation: before, member, peer } = await lockSeat(tx, params.id, person.id);
        const set = changedSettings(member, body);
        if (Object.keys(set).length === 0) return conversationSeenBy(member, before, peer);
        await setSettings(tx, params.id, person.id, set);
        const events = [() => settingsChanged(person.id, set)];
        const after = await recordChange(tx, { before, actor: person.id, at: now(), events });
        return conversationSeenBy({ ...member, ...set }, after, peer);
      }),
    {
      params: ById,
      body: UpdateMembership,
      response: { 200: Conversation },
      detail: docs('members', 'Mutes, pins, or sets what to be notified of, for me alone.'),
    },
  );

type Settings = Pick<Membership, 'muted' | 'notify' | 'pinned'>;

const changedSettings = (before: Settings, wanted: UpdateMembership): Partial<Settings> => ({
  ...(wanted.muted === undefined || wanted.muted === before.muted ? {} : { muted: wanted.muted }),
  ...(wanted.notify === undefined || wanted.notify === before.notify ? {} : { notify: wanted.notify }),
  ...(wanted.pinned === undefined || wanted.pinned === before.pinned ? {} : { pinned: wanted.pinned }),
});
