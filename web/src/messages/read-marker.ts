import { ApiError, isTemporary } from '../api/api-error.ts';
import { resendDelayMs } from '../realtime/backoff.ts';
import type { Clock } from '../realtime/clock.ts';
import { SocketRefusal } from '../realtime/replies.ts';
import { within } from '../realtime/within.ts';

export type ReadMarkerParts = {
  clock: Clock;
  random: () => number;
  /** Whether somebody looks at the page: visible and focused. */
  looking: () => boolean;
  lastRead: (conversationId: string) => number;
  /** Moves the marker on the server, over the socket where there is one or over HTTP; rejects when that did not work. */
  save: (conversationId: string, seq: number, by: 'socket' | 'http') => Promise<unknown>;
  moved: (conversationId: string, seq: number) => void;
};

const gatherMs = 250;

/**
 * Moves my marker as messages are seen, not as a conversation is opened. Several at once become one; what failed goes again, over HTTP,
 * until it is saved. A marker only grows, so a repeat does no harm.
 */
export const createReadMarker = ({ clock, random, looking, lastRead, save, moved }: ReadMarkerParts) => {
  const seen = new Map<string, number>();
  const unsaved = new Map<string, number>();
  const saving = new Set<string>();
  const waits = new Set<(isHurried: boolean) => void>();
  let timer: (() => void) | undefined;

  const flush = () => {
    timer = undefined;
    if (!looking()) return;
    for (const [c, seq] of seen) {
      seen.delete(c);
      if (seq <= lastRead(c)) continue;
      moved(c, seq);
      unsaved.set(c, seq);
    }
    saveAll();
  };

  const saveAll = () => {
    for (const c of unsaved.keys()) if (!saving.has(c)) void keepSaving(c);
  };
  const hurry = () => {
    for (const end of waits) end(true);
  };

  const keepSaving = async (c: string) => {
    saving.add(c);
    for (let attempt = 0; ; ) {
      const seq = unsaved.get(c);
      if (seq === undefined) break;
      if (await isDone(c, seq, attempt)) {
        if (unsaved.get(c) === seq) unsaved.delete(c);
        continue;
      }
      attempt++;
      if (attempt > 1 && (await wait(attempt - 2))) attempt = 0;
    }
    saving.delete(c);
  };

  /** Whether it needs no further try. */
  const isDone = async (c: string, seq: number, attempt: number): Promise<boolean> => {
    const saved = save(c, seq, attempt === 0 ? 'socket' : 'http').then(() => true);
    try {
      return (await within(clock, resendDelayMs(attempt, random), saved)) ?? false;
    } catch (error) {
      return isFinal(error);
    }
  };

  /** Answers whether the wait was cut short. */
  const wait = async (attempt: number): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    waits.add(resolve);
    const cancel = clock.after(resendDelayMs(attempt, random), () => resolve(false));
    const isHurried = await promise;
    waits.delete(resolve);
    cancel();
    return isHurried;
  };

  return {
    /** The message with this seq is on the screen. */
    see: (c: string, seq: number): void => {
      if (seq <= Math.max(lastRead(c), seen.get(c) ?? 0)) return;
      seen.set(c, seq);
      timer ??= clock.after(gatherMs, flush);
    },
    /** The person looks at the page again: what stands there is seen now. */
    lookAgain: (): void => {
      timer ??= clock.after(gatherMs, flush);
    },
    /** The connection is back. */
    saveAll: (): void => {
      hurry();
      saveAll();
    },
    stop: (): void => {
      timer?.();
      unsaved.clear();
      hurry();
    },
  };
};

/** No repeat changes it: I am no longer in the conversation, for example. After a 401 the person signs in again. */
const isFinal = (error: unknown): boolean =>
  error instanceof SocketRefusal
    ? !error.temporary
    : error instanceof ApiError && error.status !== 401 && !isTemporary(error.code);
