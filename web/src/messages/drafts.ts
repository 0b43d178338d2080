/** A text that comes back to the field stands before what was written since. */
export const joinedDraft = (again: string, since: string): string => (since === '' ? again : `${again}\n${since}`);

/** What was begun and not sent, by conversation; kept for this tab, also over a reload. */
export const createDrafts = (storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, me: string) => {
  const key = (conversationId: string) => `draft:${me}:${conversationId}`;
  return {
    read: (conversationId: string): string => storage.getItem(key(conversationId)) ?? '',
    write: (conversationId: string, body: string): void =>
      body === '' ? storage.removeItem(key(conversationId)) : storage.setItem(key(conversationId), body),
  };
};
