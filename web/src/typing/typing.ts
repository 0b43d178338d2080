import { limits } from '@chatapp/contract/limits';
import type { Clock } from '../realtime/clock.ts';
import { createTable } from '../ui/table.ts';

export type TypingParts = { clock: Clock; me: string; tell: (conversationId: string, on: boolean) => void };
export type Typing = ReturnType<typeof createTyping>;

/** Sooner than others forget it. */
const tellAgainMs = limits.typingExpiresMs / 2;

/** Who is typing: a push replaces the list and expires; and what this person's typing tells the others. */
export const createTyping = ({ clock, me, tell }: TypingParts) => {
  const typing = createTable<readonly string[]>();
  const expiries = new Map<string, () => void>();
  let told: { conversationId: string; at: number; cancel: () => void } | undefined;

  const stop = () => {
    if (!told) return;
    told.cancel();
    tell(told.conversationId, false);
    told = undefined;
  };

  return {
    in: (c: string): readonly string[] => typing.get(c) ?? [],
    take: (c: string, userIds: readonly string[]): void => {
      expiries.get(c)?.();
      typing.put(
        c,
        userIds.filter((id) => id !== me),
      );
      expiries.set(
        c,
        clock.after(limits.typingExpiresMs, () => typing.put(c, [])),
      );
    },
    /** A message of somebody came: they are done. */
    done: (c: string, userId: string): void => {
      const known = typing.get(c);
      if (known?.includes(userId))
        typing.put(
          c,
          known.filter((id) => id !== userId),
        );
    },
    /** This person pressed a key. Told at most every 3 s; taken back when nothing follows. */
    press: (c: string): void => {
      if (told && told.conversationId !== c) stop();
      told?.cancel();
      const due = told === undefined || clock.now() - told.at >= tellAgainMs;
      if (due) tell(c, true);
      told = {
        conversationId: c,
        at: due || !told ? clock.now() : told.at,
        cancel: clock.after(limits.typingExpiresMs, stop),
      };
    },
    stop,
  };
};
