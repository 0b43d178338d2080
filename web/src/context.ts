import { createContext, useContext } from 'solid-js';
import type { Client } from './client.ts';
import type { createTheme } from './session/theme.ts';
import type { Confirmation } from './ui/confirm-dialog.tsx';
import type { Notices } from './ui/notices.ts';
import type { Route } from './ui/route.ts';

/** Which dialog is open. */
export type OpenDialog =
  | { kind: 'create' }
  | { kind: 'find' }
  | { kind: 'keys' }
  | { kind: 'unsent' }
  | { kind: 'invite'; conversationId: string }
  | { kind: 'invitation'; id: string }
  | { kind: 'account' }
  | { kind: 'delete-account' }
  | { kind: 'transfer'; conversationId: string; userId?: string; next?: 'leave' | 'delete-account' }
  | { kind: 'settings'; conversationId: string }
  | { kind: 'audit'; conversationId: string }
  | { kind: 'confirm'; confirmation: Confirmation };

/** What components of a signed-in page share. */
export type AppContext = {
  client: Client;
  route: Route;
  notices: Notices;
  theme: ReturnType<typeof createTheme>;
  now: () => number;
  dialog: () => OpenDialog | undefined;
  openDialog: (dialog: OpenDialog | undefined) => void;
  membersShown: () => boolean;
  showMembers: (on: boolean) => void;
};

export const AppContextProvider = createContext<AppContext>();

/** The shared context; throws outside of the signed-in page. */
export const useApp = (): AppContext => {
  const app = useContext(AppContextProvider);
  if (!app) throw new Error('used outside of the signed-in page');
  return app;
};
