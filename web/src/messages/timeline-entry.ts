import type { Message } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import type { Coverage } from '../realtime/coverage.ts';
import { emptyTimeline, type Timeline } from './timeline.ts';

/** What a push, a page of changes or a resume tells, and which revs it covers. */
export type Covered = Coverage & { changes: readonly Message[] };
export type TimelineStatus = 'loading' | 'ready' | 'failed';
/** Of the messages before those that are known. `failed` waits for the person, or for the next resume. */
export type OlderStatus = 'idle' | 'loading' | 'failed';

/** One conversation's timeline with what is under way for it. */
export type TimelineEntry = {
  /** The present state; every change of it is a change for whoever reads. */
  timeline: () => Timeline;
  status: () => TimelineStatus;
  /** Some changes are missing and are being fetched. */
  catchingUp: () => boolean;
  older: () => OlderStatus;
};
export type Entry = TimelineEntry & {
  state: Timeline;
  changed: () => void;
  setStatus: (status: TimelineStatus) => void;
  setCatchingUp: (on: boolean) => void;
  setOlder: (status: OlderStatus) => void;
  /** Pushes that wait for the first page, or until a hole is filled. */
  held: Covered[];
  /** The answer that `older` is loading for. */
  olderComes: Promise<void>;
  /** Ends the wait before a hole is asked for again. */
  hurry: () => void;
  /** How many views show it; one that nobody sees is not loaded again. */
  viewers: number;
  /** Counts how often it was dropped: an answer for an older life is thrown away. */
  life: number;
};

/** A timeline of which nothing is known yet. */
export const createEntry = (): Entry => {
  const state = emptyTimeline();
  const [timeline, setTimeline] = createSignal(state, { equals: false });
  const [status, setStatus] = createSignal<TimelineStatus>('loading');
  const [catchingUp, setCatchingUp] = createSignal(false);
  const [older, setOlder] = createSignal<OlderStatus>('idle');
  return {
    state,
    timeline,
    changed: () => void setTimeline(state),
    status,
    setStatus,
    catchingUp,
    setCatchingUp,
    older,
    setOlder,
    held: [],
    olderComes: Promise.resolve(),
    hurry: () => {},
    viewers: 0,
    life: 0,
  };
};
