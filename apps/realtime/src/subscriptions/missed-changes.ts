import type { ChangesOf } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import type { Clock } from '@chatapp/resilience/clock';
import { createGather } from '../gather.ts';
import type { ChangesAsk, Messages } from './messages.ts';

/** What somebody lacks of a conversation: `gap` is how many changes there are at most. */
export interface Missed {
  readonly id: string;
  readonly after: number;
  readonly gap: number;
}

export type ReadMissed = (missed: readonly Missed[]) => Promise<ReadonlyMap<string, ChangesOf>>;

export const missedKey = ({ id, after }: Pick<Missed, 'id' | 'after'>): string => `${id} ${after}`;

/**
 * Reads what many who come back at once have missed, all with a handful of requests: the members of a conversation mostly miss the same. Answers
 * pages by `missedKey`, those of others too.
 */
export const createReadMissed = (messages: Messages, clock: Clock): ReadMissed => {
  const fetch = async (missed: readonly Missed[]) => {
    const pages = await Promise.all(portions(missed).map((portion) => readAll(messages, portion)));
    return new Map(pages.flat().map((page) => [missedKey(page), page] as const));
  };
  return createGather({ keyOf: missedKey, fetch, clock });
};

/** Asks until each has its page: the first of an answer always has, the others while there is room for their texts. */
const readAll = async (messages: Messages, missed: readonly ChangesAsk[]): Promise<ChangesOf[]> => {
  const asks = missed.map(({ id, after }) => ({ id, after }));
  const pages = await messages.changes(asks);
  const cut = pages.filter(hadNoRoom);
  if (cut.length === 0 || cut.length === pages.length) return pages;
  return [...pages.filter((page) => !hadNoRoom(page)), ...(await readAll(messages, cut))];
};

const hadNoRoom = ({ after, to, headRev }: ChangesOf): boolean => to === after && to < headRev;

/** Parts that one answer has room for by number: what is beyond it would come back empty. */
const portions = (missed: readonly Missed[]): Missed[][] => {
  const all: Missed[][] = [];
  let room = 0;
  for (const one of missed) {
    const size = Math.min(one.gap, limits.changesPageMax);
    const portion = all.at(-1);
    if (portion === undefined || size > room || portion.length >= limits.resumeConversationsMax) {
      all.push([one]);
      room = limits.changesPerAnswerMax - size;
    } else {
      portion.push(one);
      room -= size;
    }
  }
  return all;
};
