import { createEffect, onCleanup, untrack } from 'solid-js';
import type { Connection } from '../realtime/connection.ts';
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

/** Tells whether this page is looked at: `away` while it is hidden. */
export const tellPresence = (page: Document, connection: Pick<Connection, 'ready' | 'tell'>): void => {
  const tell = () => connection.tell('presence', { status: page.visibilityState === 'visible' ? 'online' : 'away' });
  page.addEventListener('visibilitychange', tell);
  onCleanup(() => page.removeEventListener('visibilitychange', tell));
  // A new connection counts as online.
  createEffect(() => {
    if (connection.ready() && page.visibilityState === 'hidden') untrack(tell);
  });
};
