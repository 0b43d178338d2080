import { ChangesAnswer, type ChangesOf, type Head, Heads } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import { chunks } from '@chatapp/service/chunks';
import type { ServiceClient } from '@chatapp/service/service-client';

export interface ChangesAsk {
  readonly id: string;
  readonly after: number;
}

/** What the messages service is asked, any number of conversations at a time. */
export interface Messages {
  /** Of none: whether it answers. */
  heads(ids: readonly string[]): Promise<Head[]>;
  changes(asks: readonly ChangesAsk[]): Promise<ChangesOf[]>;
}

const deadlineMs = 5000;

export interface MessagesOptions {
  /** SHARDS of this process. */
  readonly shards: number;
  /** Told where messages has others: commands would wait in streams that nobody reads. */
  readonly onOtherShards: (theirs: number) => void;
}

export const createMessages = (client: ServiceClient, { shards, onOtherShards }: MessagesOptions): Messages => ({
  async heads(ids) {
    const pages = await Promise.all(
      (ids.length === 0 ? [[]] : chunks(ids, limits.resumeConversationsMax)).map((chunk) =>
        client({
          method: 'POST',
          path: '/internal/heads',
          scope: 'messages:heads.read',
          body: { ids: chunk },
          answer: Heads,
          idempotent: true,
          deadlineMs,
        }),
      ),
    );
    const other = pages.find((page) => page.shards !== undefined && page.shards !== shards);
    if (other?.shards !== undefined) onOtherShards(other.shards);
    return pages.flatMap(({ items }) => items);
  },
  async changes(asks) {
    const pages = await Promise.all(
      chunks(asks, limits.resumeConversationsMax).map((chunk) =>
        client({
          method: 'POST',
          path: '/internal/changes',
          scope: 'messages:changes.read',
          body: { conversations: chunk.map(({ id, after }) => [id, after]) },
          answer: ChangesAnswer,
          idempotent: true,
          deadlineMs,
        }),
      ),
    );
    return pages.flatMap(({ items }) => items);
  },
});
