import type { Clock } from '../realtime/clock.ts';

/** What tabs of one browser tell each other about the outbox. `settled` only when the command was saved, not when it was discarded. */
export type TabMessage = { kind: 'changed' } | { kind: 'settled'; clientId: string; seq: number; rev: number };
/** Whether the tab that sends is awake, and that it is. */
type Word = TabMessage | { kind: 'ask' } | { kind: 'here' };

export type Tabs = {
  /** Whether this tab sends for all. */
  leading: () => boolean;
  tell: (message: TabMessage) => void;
  /** Asks the tab that sends whether it does, and takes its place where no answer comes: the browser has put it to sleep. */
  relieve: () => void;
  stop: () => void;
};
export type OpenTabs = (on: { lead: () => void; message: (message: TabMessage) => void }) => Tabs;

const answerWithinMs = 2_000;

/**
 * One tab holds the lock and sends; when it goes or sleeps, the browser gives the lock to the next, or the next takes it. Without locks every
 * tab sends: safe, only more work. So is a tab that wakes up and has not heard yet that another has the lock.
 */
export const browserTabs =
  (name: string, clock: Clock): OpenTabs =>
  (on) => {
    const channel = new BroadcastChannel(name);
    const tell = (word: Word) => channel.postMessage(word);
    const stopped = new AbortController();
    let leading = false;
    const lead = () => {
      leading = true;
      on.lead();
    };
    const place = createPlace(name, { lead, follow: () => (leading = false) });

    let cancelWait: (() => void) | undefined;
    const stopWaiting = () => {
      cancelWait?.();
      cancelWait = undefined;
    };
    const hear = (word: Word) => {
      if (word.kind === 'here') return stopWaiting();
      if (word.kind !== 'ask') return on.message(word);
      if (leading) tell({ kind: 'here' });
    };
    channel.onmessage = (event) => hear(event.data as Word);

    const rest = () => {
      leading = false;
      stopWaiting();
      place.leave();
    };
    place.enter();
    const listening = { signal: stopped.signal };
    // A page that sleeps, or is kept for the way back, may hold a lock and sends nothing.
    window.addEventListener('pagehide', rest, listening);
    window.addEventListener('pageshow', place.enter, listening);
    document.addEventListener('freeze', rest, listening);
    document.addEventListener('resume', place.enter, listening);
    return {
      leading: () => leading,
      tell,
      relieve: () => {
        if (leading || cancelWait) return;
        tell({ kind: 'ask' });
        cancelWait = clock.after(answerWithinMs, () => {
          cancelWait = undefined;
          place.take();
        });
      },
      stop: () => {
        rest();
        stopped.abort();
        channel.close();
      },
    };
  };

/** A place in the line for the lock. `follow`: another tab has taken it. */
const createPlace = (name: string, on: { lead: () => void; follow: () => void }) => {
  let turn: AbortController | undefined;

  const leave = () => {
    turn?.abort();
    turn = undefined;
  };
  const stand = (isTaking: boolean) => {
    const mine = new AbortController();
    const { signal } = mine;
    turn = mine;
    if (!('locks' in navigator)) return on.lead();
    const whileMine = () =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        on.lead();
        signal.addEventListener('abort', () => resolve());
      });
    // Rejects when the wait is aborted: then this page has left. Any refusal but the loss of the lock leaves it without locks.
    navigator.locks.request(name, isTaking ? { steal: true } : { signal }, whileMine).catch((error: unknown) => {
      if (signal.aborted) return;
      if (!(error instanceof DOMException) || error.name !== 'AbortError') return on.lead();
      on.follow();
      stand(false);
    });
  };
  return {
    enter: (): void => {
      if (!turn) stand(false);
    },
    take: (): void => {
      leave();
      stand(true);
    },
    leave,
  };
};
