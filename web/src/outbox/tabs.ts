/** What tabs of one browser tell each other about the outbox. `settled` only when the command was saved, not when it was discarded. */
export type TabMessage = { kind: 'changed' } | { kind: 'settled'; clientId: string; seq: number; rev: number };

export type Tabs = {
  /** Whether this tab sends for all. */
  leading: () => boolean;
  tell: (message: TabMessage) => void;
  stop: () => void;
};
export type OpenTabs = (on: { lead: () => void; message: (message: TabMessage) => void }) => Tabs;

/** One tab holds the lock and sends; when it goes, the browser gives the lock to the next. Without locks every tab sends: safe, only more work. */
export const browserTabs =
  (name: string): OpenTabs =>
  (on) => {
    const stopped = new AbortController();
    const channel = new BroadcastChannel(name);
    let leading = false;
    const lead = () => {
      leading = true;
      on.lead();
    };
    channel.onmessage = (event) => on.message(event.data as TabMessage);
    if ('locks' in navigator) {
      const whileOpen = () =>
        new Promise<void>((resolve) => {
          lead();
          stopped.signal.addEventListener('abort', () => resolve());
        });
      // Rejects when the wait for the lock is aborted: then this page has ended. Any other refusal leaves it without locks.
      navigator.locks
        .request(name, { signal: stopped.signal }, whileOpen)
        .catch(() => stopped.signal.aborted || lead());
    } else lead();
    return {
      leading: () => leading,
      tell: (message) => channel.postMessage(message),
      stop: () => {
        leading = false;
        stopped.abort();
        channel.close();
      },
    };
  };
