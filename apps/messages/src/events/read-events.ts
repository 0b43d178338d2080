import type { BusEvent } from '@chatapp/contract/events';
import { isOfType, readEvent, type StreamEntry } from '@chatapp/service/event-stream';
import type { Unsavable } from '../commands/read-entry.ts';

export interface ReadEvents {
  readonly events: readonly BusEvent[];
  readonly unreadable: readonly Unsavable[];
}

/** The events among entries. What is malformed is set apart and never blocks the others; types of a later version leave nothing here. */
export const readEvents = (entries: readonly StreamEntry[]): ReadEvents => {
  const events: BusEvent[] = [];
  const unreadable: Unsavable[] = [];
  for (const entry of entries) {
    // What we said ourselves leaves nothing here.
    if (isOfType(entry, 'conversation.active')) continue;
    const read = readEvent(entry);
    if (read.kind === 'event') events.push(read.event);
    if (read.kind === 'malformed') {
      unreadable.push({ id: entry.id, reason: 'malformed', payload: JSON.stringify(entry.fields) });
    }
  }
  return { events, unreadable };
};
