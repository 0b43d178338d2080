import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { Judged } from '../judged.ts';
import type { Mark } from '../outcome.ts';

/** A process that is told to end has sent everybody away after this, and is gone. */
const goneWithinMs = 4500;

/**
 * How clients lost their sockets when a process that holds some was told to end: by its close 4001, or by themselves after its `goaway`, with whatever code where
 * both close at the same moment. Who is signed out just then is told so.
 */
export const sentAway = (events: readonly HistoryEvent[], { at, what }: Mark): Judged[] => {
  const closes: number[] = [];
  let otherwise = 0;
  const told = new Set<string>();
  const going = new Set<string>();
  const near = events.filter((event) => event.at >= at && event.at < at + goneWithinMs);
  for (const event of near) {
    if (event.k === 'goaway') told.add(event.who);
    if (event.k === 'goes' && told.delete(event.who)) going.add(event.who);
    if (event.k !== 'closed' || event.code === 4501) continue;
    closes.push(event.code);
    told.delete(event.who);
    const isOwn = going.delete(event.who);
    if (event.code !== 4001 && !isOwn) otherwise++;
  }
  const closed = closes.filter((code) => code === 4001).length;
  return [
    { invariant: 'I9', what: `${what}: sockets closed otherwise than by goaway`, value: otherwise, max: 0 },
    { invariant: 'I9', what: `${what}: sockets closed with 4001`, value: closed, min: 1 },
  ];
};
