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
const retryMaxMs = 2000;
/** Pages of 300 whole messages: few conversations at a time keep an answer within some megabytes. */
const conversationsMax = 50;

export const createHoles = (options: HolesOptions): Holes => {
  const { clock } = options;
  const open = new Set<ServedConversation>();
  let isRunning = false;

  const run = async () => {
    for (let failures = 0; open.size > 0; ) {
      await clock.sleep(failures === 0 ? patienceMs : Math.min(retryMaxMs, patienceMs * 2 ** failures));
      try {
        await fillOnce(open, options);
        failures = 0;
      } catch (error) {
        failures++;
        if (failures === 1) options.log.warn({ error, conversations: open.size }, 'holes cannot be filled now');
      }
    }
  };

  return {
    note(conversation) {
      open.add(conversation);
      if (isRunning) return;
      isRunning = true;
      run().finally(() => {
        isRunning = false;
      });
    },
  };
};

const fillOnce = async (open: Set<ServedConversation>, options: HolesOptions): Promise<void> => {
  for (const conversation of open) {
    if (!conversation.order.isMissing || conversation.people.size === 0) open.delete(conversation);
  }
  const asked = [...open].slice(0, conversationsMax);
  if (asked.length === 0) return;
  const pages = await options.messages.changes(asked.map(({ id, order }) => ({ id, after: order.position ?? 0 })));
  const byId = new Map(pages.map((page) => [page.id, page]));
  for (const conversation of asked) {
    const page = byId.get(conversation.id);
    const { position } = conversation.order;
    // What is missing may have come in the meantime; and a cut page leaves the rest for the next round.
    if (page === undefined || position === undefined || page.to <= position) continue;
    const { id: c, after, to, changes } = page;
    const frame = JSON.stringify({ e: 'changes', c, after, to, changes });
    options.passOn(conversation, [frame, ...conversation.order.fill(to)]);
    options.filled.add();
  }
};
