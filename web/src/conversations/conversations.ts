import type { ConversationSet } from '@chatapp/contract/frames';
import type { Conversation } from '@chatapp/contract/shapes';
import { createMemo, createSignal } from 'solid-js';
import type { ConversationsApi } from '../api/conversations-api.ts';
import { createMeanwhile } from '../realtime/meanwhile.ts';
import { createTable } from '../ui/table.ts';

export type Conversations = ReturnType<typeof createConversations>;

/** My conversations: the server's list, carried on by pushes. */
export const createConversations = (api: Pick<ConversationsApi, 'conversations'>) => {
  const byId = createTable<Conversation>();
  const [status, setStatus] = createSignal<'loading' | 'ready' | 'failed'>('loading');
  const onTheWay = createMeanwhile<All>();
  const change = (id: string, to: (known: Conversation | undefined) => Conversation | undefined) => {
    const known = byId.get(id);
    // A list on its way may have lost one that went to another page of it.
    onTheWay.note('', (all) => withOne(all, id, to(all[id] ?? known)));
    const next = to(known);
    if (!next) byId.remove(id);
    else if (next !== known) byId.put(id, next);
  };

  return {
    status,
    get: (id: string): Conversation | undefined => byId.get(id),
    /** The pinned ones first, then by their last activity. */
    list: createMemo(() => byId.all().filter(isListed).sort(byPlace)),
    /** Those that only stay to be read. */
    archived: createMemo(() => byId.all().filter(isArchived).sort(byPlace)),
    /** Those of mine that can still be restored. */
    deleted: createMemo(() => byId.all().filter(isDeleted).sort(byPlace)),
    load: async (): Promise<void> => {
      try {
        const answer = await onTheWay.over('', api.conversations().then(byTheirId));
        if (!answer) return;
        const active = Object.values(answer).map((one) => withActivity(one, byId.get(one.id)?.lastActivityAt));
        byId.replace(byTheirId(active));
        setStatus('ready');
      } catch (error) {
        if (status() === 'loading') setStatus('failed');
        throw error;
      }
    },
    /** Takes a whole conversation in, unless a newer version is known. */
    put: (conversation: Conversation): void =>
      change(conversation.id, (known) => (known && known.version > conversation.version ? known : conversation)),
    /** Takes changed fields in, unless a newer version is known. */
    change: (id: string, version: number, set: ConversationSet): void =>
      change(id, (known) => (known && version >= known.version ? { ...known, ...set, version } : known)),
    /** Something was said at `at`. */
    touch: (id: string, at: string): void => change(id, (known) => known && withActivity(known, at)),
    remove: (id: string): void => change(id, () => undefined),
  };
};

type All = Readonly<Record<string, Conversation>>;

const byTheirId = (all: readonly Conversation[]): All => Object.fromEntries(all.map((one) => [one.id, one]));

const withOne = (all: All, id: string, conversation: Conversation | undefined): All => {
  if (conversation === all[id]) return all;
  const { [id]: _, ...others } = all;
  return conversation ? { ...others, [id]: conversation } : others;
};

/** The later of two activities stays. */
const withActivity = (conversation: Conversation, at: string | undefined): Conversation =>
  at !== undefined && conversation.lastActivityAt < at ? { ...conversation, lastActivityAt: at } : conversation;

const isDeleted = ({ deletedAt }: Conversation): boolean => deletedAt !== null;
const isArchived = ({ archivedAt, deletedAt }: Conversation): boolean => deletedAt === null && archivedAt !== null;
const isListed = ({ archivedAt, deletedAt }: Conversation): boolean => deletedAt === null && archivedAt === null;

const byPlace = (a: Conversation, b: Conversation): number =>
  Number(b.pinned) - Number(a.pinned) || (a.lastActivityAt < b.lastActivityAt ? 1 : -1);
