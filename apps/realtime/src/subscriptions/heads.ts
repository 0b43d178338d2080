import { closeCodes } from '@chatapp/contract/frames';
import type { Head } from '@chatapp/contract/http-messages';
import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import { createGather } from '../gather.ts';
import type { Holes } from './holes.ts';
import type { Messages } from './messages.ts';
import type { Served, ServedConversation } from './served.ts';

export interface HeadsOptions {
  readonly served: Served;
  readonly messages: Messages;
  readonly holes: Holes;
  readonly passOn: (conversation: ServedConversation, frames: readonly string[]) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Heads {
  /**
   * Reads heads from the database, and holds the positions of served conversations against them: one without a position gets it, one that
   * lags is filled, one that is ahead of its head lost its history (4010). Readers of the same moment share a request.
   */
  read(ids: readonly string[]): Promise<Map<string, Head>>;
  /** Resolves when the conversation has a position, or nobody serves it any more. Keeps on trying while messages are down. */
  begin(conversation: ServedConversation): Promise<void>;
  /** The same for several. */
  beginAll(ids: readonly string[]): Promise<void>;
}

const retryMaxMs = 2000;

export const createHeads = (options: HeadsOptions): Heads => {
  const { served, clock, messages, holes, passOn, log } = options;

  const fetch = async (ids: readonly string[]): Promise<Map<string, Head>> => {
    // As they were before the question: what is passed on meanwhile may well be above the answer.
    const before = new Map(ids.map((id) => [id, served.get(id)?.order.position]));
    const heads = new Map((await messages.heads(ids)).map((head) => [head.id, head]));
    for (const id of ids) {
      const conversation = served.get(id);
      const headRev = heads.get(id)?.headRev ?? 0;
      if (conversation !== undefined) compare(conversation, headRev, before.get(id));
    }
    return heads;
  };

  const compare = (conversation: ServedConversation, head: number, before: number | undefined) => {
    const { order } = conversation;
    if (before !== undefined && head < before) {
      log.error({ conversationId: conversation.id, head, position: before }, 'a head went back: state was lost');
      order.forget();
      conversation.close(closeCodes.stateLost, 'state lost');
      return;
    }
    const frames = order.begin(head);
    if (frames.length > 0) passOn(conversation, frames);
    order.expect(head);
    if (order.isMissing) holes.note(conversation);
  };

  const gather = createGather({ keyOf: (id: string) => id, fetch, clock });
  const read = (ids: readonly string[]): Promise<Map<string, Head>> =>
    ids.length === 0 ? Promise.resolve(new Map()) : gather(ids);

  const begin = async (conversation: ServedConversation): Promise<void> => {
    for (let pauseMs = 100; conversation.order.position === undefined; pauseMs = Math.min(retryMaxMs, pauseMs * 2)) {
      if (served.get(conversation.id) !== conversation) return;
      try {
        await read([conversation.id]);
      } catch {
        await clock.sleep(pauseMs);
      }
    }
  };

  return {
    read,
    begin,
    async beginAll(ids) {
      await Promise.all(ids.flatMap((id) => served.get(id) ?? []).map(begin));
    },
  };
};
