/** What a client did and saw, for a judge who knows nothing of the services. `at` is in ms since the epoch. */
export type HistoryEvent = { readonly at: number; readonly who: string } & (
  | { readonly k: 'send'; readonly c: string; readonly clientId: string; readonly body: string; readonly by?: string }
  /** `ms` is how long the answer took of the attempt that was answered, where that went over HTTP. */
  | {
      readonly k: 'ack';
      readonly c: string;
      readonly clientId: string;
      readonly id: string;
      readonly seq: number;
      readonly ms?: number;
    }
  /** An own message is edited, or deleted where `body` is null; and the answer. */
  | {
      readonly k: 'change';
      readonly c: string;
      readonly clientId: string;
      readonly seq: number;
      readonly body: string | null;
    }
  | {
      readonly k: 'changed';
      readonly c: string;
      readonly clientId: string;
      readonly seq: number;
      readonly rev: number;
      readonly ms?: number;
    }
  | { readonly k: 'refused'; readonly c: string; readonly clientId: string; readonly code: string }
  | {
      readonly k: 'seen';
      readonly c: string;
      readonly seq: number;
      readonly rev: number;
      readonly id: string;
      readonly clientId: string;
      readonly via: Road;
      /** The first characters of its body: whoever sends may put there where it belongs. */
      readonly canary?: string;
      /** The `textHash` of its body. */
      readonly text?: string;
    }
  /** A state that came again, or late, and was dropped. */
  | { readonly k: 'repeat'; readonly c: string; readonly seq: number; readonly rev: number; readonly id: string }
  /** An attempt that was answered with a temporary error, or not at all (`status` 0); `ms` is how long that took, `clientId` the command's. */
  | {
      readonly k: 'error';
      readonly op: string;
      readonly status: number;
      readonly code: string;
      readonly ms: number;
      readonly retryAfterMs?: number;
      readonly clientId?: string;
    }
  /** A member of the conversation from now on, as the person `by`; asks to be none; and is none any more. */
  | { readonly k: 'joined'; readonly c: string; readonly by?: string }
  | { readonly k: 'leaves' | 'left'; readonly c: string }
  /** Its session began; it asks for the session's end; and the session ended, or so it was told. */
  | { readonly k: 'signed-in' | 'signs-out' | 'signed-out' }
  | { readonly k: 'connected' | 'resumed' }
  | { readonly k: 'reset'; readonly c: string }
  /** Told that its socket is about to close; and closes it by itself for that. */
  | { readonly k: 'goaway' | 'goes' }
  | { readonly k: 'closed'; readonly code: number }
);

/** By which road a state of a message came. */
export type Road = 'push' | 'resume' | 'changes' | 'page';

type Unstamped<E> = E extends unknown ? Omit<E, 'at' | 'who'> : never;

/** Notes what happened, now, to one client. */
export type Note = (event: Unstamped<HistoryEvent>) => void;

/** How many characters of a body a history keeps to tell where it belongs. */
export const canaryLength = 8;

/** A few characters that tell one body from another; a tombstone has the empty body's. */
export const textHash = (body: string | null): string => Bun.hash.crc32(body ?? '').toString(36);
