import { closeCodes } from '@chatapp/contract/frames';
import type { Head } from '@chatapp/contract/http-messages';
import { fullJitter } from '@chatapp/resilience/backoff';
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
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

export interface Heads {
  /**
   * Reads heads from the database, and holds the positions of served conversations against them: one without a position gets it, one that
   * lags is filled, one that is ahead of its head lost its history (4010). Readers of the same moment share a request.
   */
  read(ids: readonly string[]): Promise<Map<string, Head>>;
  /**
   * Reads those of all served conversations, after changes may have passed unheard. Keeps on trying while messages are down; asked for again meanwhile, it
   * reads again, so that no answer is older than the last call. Resolves when all is read.
   */
  readServed(): Promise<void>;
  /** Resolves when the conversation has a position, or nobody serves it any more. Keeps on trying while messages are down. */
  begin(conversation: ServedConversation): Promise<void>;
  /** The same for several. */
  beginAll(ids: readonly string[]): Promise<void>;
}

const retryMaxMs = 2000;
const servedRetry = { baseMs: 500, capMs: 5000 };

export const createHeads = (options: HeadsOptions): Heads => {
  const { served, clock, random, messages, holes, passOn, log } = options;

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

  let isStale = false;
  let reading: Promise<void> | undefined;

  const readWhileStale = async (): Promise<void> => {
    for (let attempt = 1; isStale; ) {
      isStale = false;
      try {
        await read(served.ids());
        attempt = 1;
      } catch (error) {
        if (attempt === 1) log.warn({ error }, 'heads cannot be read now');
        isStale = true;
        await clock.sleep(fullJitter({ attempt: attempt++, ...servedRetry, random }));
      }
    }
    reading = undefined;
  };

  return {
    read,
    readServed() {
      isStale = true;
      reading ??= readWhileStale();
      return reading;
    },
    begin,
    async beginAll(ids) {
      await Promise.all(ids.flatMap((id) => served.get(id) ?? []).map(begin));
    },
  };
};
