import type { Message } from '@chatapp/contract/shapes';

/**
 * What this page knows of one conversation. Every message from `low` to `high` is there, without holes; states of others may wait
 * outside until the range reaches them. `have` is the `rev` up to which every change is known, undefined before the first page.
 */
export type Timeline = {
  messages: Map<number, Message>;
  low: number;
  high: number;
  headSeq: number;
  have: number | undefined;
};

const keptMax = 500;
const slack = 100;

/** Nothing known yet; `low` above `high` is the empty range. */
export const emptyTimeline = (): Timeline => ({
  messages: new Map(),
  low: 1,
  high: 0,
  headSeq: 0,
  have: undefined,
});

/** Whether the first message of the conversation is in the range. */
export const reachesStart = (timeline: Timeline): boolean => timeline.low <= 1;

/** Takes in states of messages; of two states of one message the higher `rev` stays. */
export const keep = (timeline: Timeline, states: readonly Message[]): void => {
  for (const state of states) {
    const known = timeline.messages.get(state.seq);
    if (known === undefined || known.rev < state.rev) timeline.messages.set(state.seq, state);
    timeline.headSeq = Math.max(timeline.headSeq, state.seq);
  }
  if (timeline.have !== undefined) grow(timeline);
};

/** Takes in the newest page of an empty timeline: only this one, or a resume, sets `have`. */
export const keepFirstPage = (
  timeline: Timeline,
  page: { items: readonly Message[]; headSeq: number; headRev: number },
): void => {
  const [first] = page.items;
  const last = page.items.at(-1);
  timeline.low = first?.seq ?? 1;
  timeline.high = last?.seq ?? 0;
  timeline.headSeq = Math.max(timeline.headSeq, page.headSeq);
  timeline.have = page.headRev;
  keep(timeline, page.items);
};

/** Lets go of all but the newest messages, a hundred at a time; the others come again with their pages. */
export const shorten = (timeline: Timeline): void => {
  if (timeline.messages.size <= keptMax + slack) return;
  timeline.low = Math.max(timeline.low, timeline.high - keptMax + 1);
  for (const seq of timeline.messages.keys()) if (seq < timeline.low) timeline.messages.delete(seq);
};

const grow = (timeline: Timeline): void => {
  while (timeline.messages.has(timeline.high + 1)) timeline.high++;
  if (timeline.high < timeline.low) return;
  while (timeline.messages.has(timeline.low - 1)) timeline.low--;
};

/** The last message of the range, where there is one. */
export const newestOf = (timeline: Timeline): Message[] => slice(timeline, timeline.high, timeline.high);

/** The messages of a part of the range, in order. */
export const slice = (timeline: Timeline, from: number, to: number): Message[] => {
  const found: Message[] = [];
  for (let seq = Math.max(from, timeline.low); seq <= Math.min(to, timeline.high); seq++) {
    const message = timeline.messages.get(seq);
    if (message) found.push(message);
  }
  return found;
};
