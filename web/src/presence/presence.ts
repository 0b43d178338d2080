import { createTable } from '../ui/table.ts';

export type PresenceStatus = 'online' | 'away' | 'offline';
export type Presence = ReturnType<typeof createPresence>;

/** Who of my conversations is there, as far as it was pushed; forgotten with the connection that told it. */
export const createPresence = () => {
  const statuses = createTable<PresenceStatus>();
  return {
    of: (userId: string): PresenceStatus => statuses.get(userId) ?? 'offline',
    take: (userId: string, status: PresenceStatus): void => statuses.put(userId, status),
    clear: (): void => statuses.replace({}),
  };
};

/** Tells whether this page is looked at: `away` while it is hidden. Answers how to stop. */
export const tellPresence = (page: Document, tell: (status: 'online' | 'away') => void): (() => void) => {
  const changed = () => tell(page.visibilityState === 'visible' ? 'online' : 'away');
  page.addEventListener('visibilitychange', changed);
  return () => page.removeEventListener('visibilitychange', changed);
};
