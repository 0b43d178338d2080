import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { Mark } from '../outcome.ts';
import { percentile } from './percentile.ts';

/** A stretch in which a conversation had commands waiting and none was answered. */
interface Silence {
  readonly from: number;
  readonly to: number;
}

/**
 * How long the conversation that was worst off had something waiting and got no answer once a fault was over (I7), ms; null where no fault was, or
 * nothing waited. Throughput says of all conversations together that they are served; this says it of each, and no burst elsewhere hides it.
 *
 * A silence counts from the end of the fault, or from the sending where that was later, to the next answer to whichever command of the conversation,
 * or to the end of the history. It is cut off where the next fault begins that lasts. A kill cuts off nothing: where processes are killed
 * again and again each of them is one of two, and whoever is left has to serve within the same time.
 *
 * It is a conversation's time and not a command's: one client waits for a dead socket of its own as long as it likes, but all clients of a
 * conversation wait together only where nobody serves it. An attempt that was lost is repeated after `clientRepeatMs`, so that a
 * conversation in which all of them were lost is heard again that much later than it is served.
 */
export const longestSilence = (events: readonly HistoryEvent[], marks: readonly Mark[]): number | null => {
  const parts = silencesOf(events).flatMap((silence) => partsAfterFaults(silence, marks));
  return percentile(parts, 1);
};

/** The clients' 5 s without an answer, and their pause before they ask again, at most 300 ms; the rest is a busy machine. */
export const clientRepeatMs = 5500;

const silencesOf = (events: readonly HistoryEvent[]): Silence[] => {
  const endedAt = events.reduce((last, { at }) => Math.max(last, at), 0);
  const rooms = new Map<string, { readonly waiting: Set<string>; from: number }>();
  const silences: Silence[] = [];
  for (const event of events) {
    if (event.k === 'send' || event.k === 'change') {
      const room = rooms.get(event.c) ?? { waiting: new Set(), from: event.at };
      if (room.waiting.size === 0) room.from = event.at;
      room.waiting.add(event.clientId);
      rooms.set(event.c, room);
    } else if (event.k === 'ack' || event.k === 'changed' || event.k === 'refused') {
      const room = rooms.get(event.c);
      if (!room?.waiting.delete(event.clientId)) continue;
      silences.push({ from: room.from, to: event.at });
      room.from = event.at;
    }
  }
  for (const { waiting, from } of rooms.values()) if (waiting.size > 0) silences.push({ from, to: endedAt });
  return silences;
};

/** The lengths of what of it lies after a fault and before the next one that lasts. */
const partsAfterFaults = ({ from, to }: Silence, marks: readonly Mark[]): number[] => {
  const parts: number[] = [];
  let since = marks.findLast(({ at }) => at <= from)?.isOver ? from : undefined;
  for (const { at, isOver } of marks) {
    if (at <= from || at >= to) continue;
    if (isOver) since ??= at;
    else if (since !== undefined) {
      parts.push(at - since);
      since = undefined;
    }
  }
  return since === undefined ? parts : [...parts, to - since];
};
