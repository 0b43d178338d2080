import { createSignal } from 'solid-js';

export type Route = ReturnType<typeof createRoute>;

const conversationPath = /^\/c\/([0-9a-f-]{36})$/;
const invitePath = /^\/invite\/([^/]*)\/?$/;

/** The secret of an invitation's address, whole or not; undefined on any other page. */
export const inviteTokenOf = (path: string): string | undefined => invitePath.exec(path)?.[1];

/** The path of a conversation's page. */
export const pathOf = (conversationId: string): string => `/c/${conversationId}`;

/** What is open is in the address: `/` nothing, `/c/<id>` a conversation, `/invite/<token>` an invitation by link or e-mail. */
export const createRoute = (window: Window) => {
  const [path, setPath] = createSignal(window.location.pathname);
  const onPop = () => setPath(window.location.pathname);
  window.addEventListener('popstate', onPop);
  return {
    conversationId: (): string | undefined => conversationPath.exec(path())?.[1],
    inviteToken: (): string | undefined => inviteTokenOf(path()),
    go: (to: string, { replace = false } = {}): void => {
      if (to === window.location.pathname) return;
      window.history[replace ? 'replaceState' : 'pushState'](null, '', to);
      setPath(to);
    },
    stop: (): void => window.removeEventListener('popstate', onPop),
  };
};
