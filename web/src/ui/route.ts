import { createSignal } from 'solid-js';

export type Route = ReturnType<typeof createRoute>;

const conversationPath = /^\/c\/([0-9a-f-]{36})$/;

/** The path of a conversation's page. */
export const pathOf = (conversationId: string): string => `/c/${conversationId}`;

/** Which conversation is open is in the address: `/` none, `/c/<id>` that one. */
export const createRoute = (window: Window) => {
  const [path, setPath] = createSignal(window.location.pathname);
  const onPop = () => setPath(window.location.pathname);
  window.addEventListener('popstate', onPop);
  return {
    conversationId: (): string | undefined => conversationPath.exec(path())?.[1],
    go: (to: string, { replace = false } = {}): void => {
      if (to === window.location.pathname) return;
      window.history[replace ? 'replaceState' : 'pushState'](null, '', to);
      setPath(to);
    },
    stop: (): void => window.removeEventListener('popstate', onPop),
  };
};
