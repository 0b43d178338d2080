import type { Clock } from '../realtime/clock.ts';

export type ReadMarkerParts = {
  clock: Clock;
  /** Whether somebody looks at the page: visible and focused. */
  looking: () => boolean;
  lastRead: (conversationId: string) => number;
  /** Moves the marker on the server; rejects when that did not work. */
  save: (conversationId: string, seq: number) => Promise<unknown>;
  moved: (conversationId: string, seq: number) => void;
};

const gatherMs = 250;

/** Moves my marker as messages are seen, not as a conversation is opened. Several at once become one; what failed goes again. */
export const createReadMarker = ({ clock, looking, lastRead, save, moved }: ReadMarkerParts) => {
  const seen = new Map<string, number>();
  const unsaved = new Map<string, number>();
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
    for (const [c, seq] of unsaved) {
      save(c, seq).then(
        () => unsaved.get(c) === seq && unsaved.delete(c),
        () => undefined,
      );
    }
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
    saveAll,
    stop: (): void => timer?.(),
  };
};
