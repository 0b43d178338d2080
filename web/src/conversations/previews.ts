import type { Message } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import { codeOf } from '../api/api-error.ts';
import type { MessagesApi } from '../api/messages-api.ts';
import { reconnectDelayMs } from '../realtime/backoff.ts';
import type { Clock } from '../realtime/clock.ts';
import { createTable } from '../ui/table.ts';

export type PreviewsParts = { api: Pick<MessagesApi, 'page'>; clock: Clock; random: () => number };

const atOnceMax = 4;

/** The last message of each conversation for the list: kept from pushes, and asked for after every gap where a row is in view. */
export const createPreviews = ({ api, clock, random }: PreviewsParts) => {
  const last = createTable<Message>();
  const [doubts, doubt] = createSignal(undefined, { equals: false });
  const asked = new Set<string>();
  const queue = new Set<string>();
  let running = 0;
  let failures = 0;
  let isWaiting = false;

  const take = (message: Message) => {
    const known = last.get(message.conversationId);
    const newer = !known || message.seq > known.seq || (message.seq === known.seq && message.rev > known.rev);
    if (newer) last.put(message.conversationId, message);
  };

  /** What is answered is the last one, whatever was known; only what came meanwhile may be newer. */
  const load = async (c: string) => {
    const before = last.get(c);
    const [head] = (await api.page(c, { limit: 1 })).items;
    if (!head) return;
    if (last.get(c) === before) last.put(c, head);
    else take(head);
  };

  const run = async () => {
    const [c] = queue;
    if (c === undefined) return;
    queue.delete(c);
    running++;
    try {
      await load(c);
      failures = 0;
    } catch (error) {
      if (codeOf(error) !== 'not-found') askLater(c);
    } finally {
      running--;
      void run();
    }
  };

  const askLater = (c: string) => {
    asked.delete(c);
    if (isWaiting) return;
    isWaiting = true;
    clock.after(reconnectDelayMs(failures++, random), () => {
      isWaiting = false;
      doubt();
    });
  };

  return {
    of: (c: string): Message | undefined => last.get(c),
    take: (messages: readonly Message[]): void => messages.forEach(take),
    /** Asks for it once after each gap, a few at a time. An effect that wants it runs again when there is reason to. */
    want: (c: string): void => {
      doubts();
      if (asked.has(c)) return;
      asked.add(c);
      queue.add(c);
      if (running < atOnceMax) void run();
    },
    /** After a gap nothing is known to be the last. */
    askAgain: (): void => {
      asked.clear();
      doubt();
    },
    /** The conversation is no longer mine. */
    forget: (c: string): void => {
      last.remove(c);
      asked.delete(c);
    },
  };
};
