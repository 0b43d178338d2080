import type { Message } from '@chatapp/contract/shapes';
import type { MessagesApi } from '../api/messages-api.ts';
import { createTable } from '../ui/table.ts';

const atOnceMax = 4;

/** The last message of each conversation for the list: kept from pushes, and asked for where a row is seen and none came yet. */
export const createPreviews = (api: Pick<MessagesApi, 'page'>) => {
  const last = createTable<Message>();
  const asked = new Set<string>();
  const queue: string[] = [];
  let running = 0;

  const take = (message: Message) => {
    const known = last.get(message.conversationId);
    const newer = !known || message.seq > known.seq || (message.seq === known.seq && message.rev > known.rev);
    if (newer) last.put(message.conversationId, message);
  };

  const run = async () => {
    const c = queue.shift();
    if (c === undefined) return;
    running++;
    try {
      for (const message of (await api.page(c, { limit: 1 })).items) take(message);
    } catch {
      asked.delete(c);
    } finally {
      running--;
      void run();
    }
  };

  return {
    of: (c: string): Message | undefined => last.get(c),
    take: (messages: readonly Message[]): void => messages.forEach(take),
    /** Asks for it once; a few at a time. */
    want: (c: string): void => {
      if (last.get(c) || asked.has(c)) return;
      asked.add(c);
      queue.push(c);
      if (running < atOnceMax) void run();
    },
    /** After a gap nothing is known to be the last. */
    askAgain: (): void => asked.clear(),
  };
};
