import type { ChangesOf } from '@chatapp/contract/http-messages';
import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Meter } from '@chatapp/service/meters';
import type { Messages } from './messages.ts';
import type { ServedConversation } from './served.ts';

export interface HolesOptions {
  readonly messages: Messages;
  readonly passOn: (conversation: ServedConversation, frames: readonly string[]) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly filled: Meter;
}

export interface Holes {
  /** A change of the conversation is missing: it is waited for a moment, then fetched together with all others that are. */
  note(conversation: ServedConversation): void;
}

/** A change that was published a moment later than its follower usually arrives within this. */
const patienceMs = 50;
const pauseMaxMs = 2000;
/** After so many readings without it a change does not exist, whoever said so. */
const fruitlessMax = 10;
/** An answer has room for the pages of a few only; more are asked for because most holes are small. */
const conversationsMax = 50;

export const createHoles = (options: HolesOptions): Holes => {
  const { clock, log } = options;
  /** With how often in a row each was read in vain; those come first that have waited longest for an answer. */
  const open = new Map<ServedConversation, number>();
  let isRunning = false;
  let vain = 0;

  const run = async () => {
    while (open.size > 0) {
      await clock.sleep(Math.min(pauseMaxMs, patienceMs * 2 ** vain));
      try {
        vain = (await fillOnce(open, options)) ? 0 : vain + 1;
      } catch (error) {
        if (vain++ === 0) log.warn({ error, conversations: open.size }, 'holes cannot be filled now');
      }
    }
  };

  return {
    note(conversation) {
      if (!open.has(conversation)) {
        open.set(conversation, 0);
        vain = 0;
      }
      if (isRunning) return;
      isRunning = true;
      run().finally(() => {
        isRunning = false;
      });
    },
  };
};

/** Answers whether anything moved on. */
const fillOnce = async (open: Map<ServedConversation, number>, options: HolesOptions): Promise<boolean> => {
  for (const conversation of open.keys()) {
    if (!conversation.order.isMissing || conversation.people.size === 0) open.delete(conversation);
  }
  const asked = [...open.keys()].slice(0, conversationsMax);
  if (asked.length === 0) return true;
  const pages = await options.messages.changes(asked.map(({ id, order }) => ({ id, after: order.position ?? 0 })));
  const byId = new Map(pages.map((page) => [page.id, page]));
  let moved = false;
  for (const conversation of asked) {
    const page = byId.get(conversation.id);
    const { position } = conversation.order;
    if (page === undefined || position === undefined) continue;
    if (page.to > position) {
      passOn(conversation, page, options);
      moved = true;
      // A cut page leaves the rest for another round.
      putLast(open, conversation, 0);
    } else if (isFruitless(page, position)) {
      const fruitless = (open.get(conversation) ?? 0) + 1;
      putLast(open, conversation, fruitless);
      if (fruitless === fruitlessMax) giveUp(conversation, options.log);
    }
  }
  return moved;
};

/** Whether the database has no more. Where it has, the answer had no room for it; and what is missing may have come in the meantime. */
const isFruitless = ({ after, headRev }: ChangesOf, position: number): boolean =>
  after === position && headRev <= position;

const putLast = (open: Map<ServedConversation, number>, conversation: ServedConversation, fruitless: number) => {
  open.delete(conversation);
  open.set(conversation, fruitless);
};

const passOn = (conversation: ServedConversation, page: ChangesOf, options: HolesOptions) => {
  const { id: c, after, to, changes } = page;
  const frame = JSON.stringify({ e: 'changes', c, after, to, changes });
  options.passOn(conversation, [frame, ...conversation.order.fill(to)]);
  options.filled.add();
};

/** A change that the database does not have is waited for no longer: the heads tell when history was lost. */
const giveUp = (conversation: ServedConversation, log: Log) => {
  log.error({ conversationId: conversation.id }, 'a change was announced that the database does not have');
  conversation.order.disbelieve();
};
