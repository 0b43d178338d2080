import type { ClientFrameOf } from '@chatapp/contract/frames';
import { limits } from '@chatapp/contract/limits';
import { may } from '@chatapp/contract/roles';
import type { Clock } from '@chatapp/resilience/clock';
import type { AccessCheck } from '../access/access.ts';
import { type Connection, topicOf } from '../connection/connection.ts';
import type { Served } from '../subscriptions/served.ts';
import { createThrottle } from '../throttle.ts';
import type { TypingNote } from './typing-store.ts';

export interface TypingOptions {
  readonly served: Served;
  readonly access: AccessCheck;
  readonly tell: (note: TypingNote) => Promise<void>;
  readonly publish: (topic: string, frame: string) => void;
  readonly clock: Clock;
}

export interface Typing {
  /** A person began or stopped; answered only where it is refused. Told once a second at most, in the end as it was said last. */
  set(connection: Connection, frame: ClientFrameOf<'typing'>): Promise<void>;
  /** What some node told. */
  hear(note: TypingNote): void;
  /** Drops those who have not said so again for six seconds. Every second. */
  expire(): void;
}

interface Typer {
  readonly until: number;
  readonly shownAt: number;
}

/** A frame from one is a frame to all: nobody makes more of them, whatever they send. */
const onceInMs = 1000;

/** Who types, by conversation. Held in memory only; a lost note is corrected by the next, or by its end. */
export const createTyping = ({ served, access, tell, publish, clock }: TypingOptions): Typing => {
  const typing = new Map<string, Map<string, Typer>>();
  const throttle = createThrottle(onceInMs, clock);

  const show = (conversationId: string) => {
    const userIds = [...(typing.get(conversationId)?.keys() ?? [])];
    publish(topicOf(conversationId), JSON.stringify({ e: 'typing', c: conversationId, userIds }));
  };

  const stop = (conversationId: string, userId: string): boolean => {
    const who = typing.get(conversationId);
    if (who === undefined || !who.delete(userId)) return false;
    if (who.size === 0) typing.delete(conversationId);
    return true;
  };

  return {
    async set(connection, { id, conversationId, on }) {
      const userId = connection.person.id;
      const granted = await access.of(conversationId, userId).catch(() => undefined);
      // Typing may be lost; only what will never work is told.
      if (granted === null) return connection.error(id, { code: 'not-found', temporary: false });
      if (granted === undefined || !served.get(conversationId)?.isSmall) return;
      if (!may(granted.role, 'send')) return connection.error(id, { code: 'forbidden', temporary: false });
      throttle(`${conversationId} ${userId}`, () => {
        // Removed while it waited.
        if (access.cached(conversationId, userId) === null) return;
        tell({ conversationId, userId, on }).catch(() => undefined);
      });
    },
    hear({ conversationId, userId, on }) {
      if (served.get(conversationId) === undefined) return;
      if (!on) {
        if (stop(conversationId, userId)) show(conversationId);
        return;
      }
      const who = typing.get(conversationId) ?? new Map<string, Typer>();
      typing.set(conversationId, who);
      const now = clock.now();
      const shownAt = who.get(userId)?.shownAt ?? Number.NEGATIVE_INFINITY;
      const isDue = now - shownAt >= onceInMs;
      who.set(userId, { until: now + limits.typingExpiresMs, shownAt: isDue ? now : shownAt });
      // Also when it is known: clients drop the list after six seconds.
      if (isDue) show(conversationId);
    },
    expire() {
      for (const [conversationId, who] of typing) {
        const over = [...who].filter(([, { until }]) => until <= clock.now());
        for (const [userId] of over) stop(conversationId, userId);
        if (over.length > 0) show(conversationId);
      }
    },
  };
};
