import type { ConversationSet } from '@chatapp/contract/frames';
import type { Conversation } from '@chatapp/contract/shapes';
import { createMemo, createSignal } from 'solid-js';
import type { ConversationsApi } from '../api/conversations-api.ts';
import { createTable } from '../ui/table.ts';

export type Conversations = ReturnType<typeof createConversations>;

/** My conversations: the server's list, carried on by pushes. */
export const createConversations = (api: Pick<ConversationsApi, 'conversations'>) => {
  const byId = createTable<Conversation>();
  const [status, setStatus] = createSignal<'loading' | 'ready' | 'failed'>('loading');
  // What was pushed while a list is on its way: the list may be older.
  let pushed: Map<string, Conversation | undefined> | undefined;

  const put = (conversation: Conversation) => {
    const known = byId.get(conversation.id);
    if (known && known.version > conversation.version) return;
    pushed?.set(conversation.id, conversation);
    byId.put(conversation.id, conversation);
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
      const during = new Map<string, Conversation | undefined>();
      pushed = during;
      try {
        const items = await api.conversations();
        // A later one is on its way, or has come.
        if (pushed !== during) return;
        byId.replace(merged(items, byId.get, during));
        setStatus('ready');
      } catch (error) {
        if (status() === 'loading') setStatus('failed');
        throw error;
      } finally {
        if (pushed === during) pushed = undefined;
      }
    },
    /** Takes a whole conversation in, unless a newer version is known. */
    put,
    /** Takes changed fields in, unless a newer version is known. */
    change: (id: string, version: number, set: ConversationSet): void => {
      const known = byId.get(id);
      if (known && version >= known.version) put({ ...known, ...set, version });
    },
    /** Something was said at `at`. */
    touch: (id: string, at: string): void => {
      const known = byId.get(id);
      if (known && known.lastActivityAt < at) put({ ...known, lastActivityAt: at });
    },
    remove: (id: string): void => {
      pushed?.set(id, undefined);
      byId.remove(id);
    },
  };
};

const isDeleted = ({ deletedAt }: Conversation): boolean => deletedAt !== null;
const isArchived = ({ archivedAt, deletedAt }: Conversation): boolean => deletedAt === null && archivedAt !== null;
const isListed = ({ archivedAt, deletedAt }: Conversation): boolean => deletedAt === null && archivedAt === null;

const byPlace = (a: Conversation, b: Conversation): number =>
  Number(b.pinned) - Number(a.pinned) || (a.lastActivityAt < b.lastActivityAt ? 1 : -1);

/** The server's list with what was pushed meanwhile on top; the later of two activities stays. */
const merged = (
  items: readonly Conversation[],
  known: (id: string) => Conversation | undefined,
  pushed: ReadonlyMap<string, Conversation | undefined>,
): Record<string, Conversation> => {
  const all: Record<string, Conversation> = {};
  for (const item of items) {
    const before = known(item.id)?.lastActivityAt ?? item.lastActivityAt;
    all[item.id] = before > item.lastActivityAt ? { ...item, lastActivityAt: before } : item;
  }
  for (const [id, conversation] of pushed) {
    if (conversation === undefined) delete all[id];
    else if (conversation.version >= (all[id]?.version ?? 0)) all[id] = conversation;
  }
  return all;
};
