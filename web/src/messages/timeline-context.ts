import { createContext, useContext } from 'solid-js';
import type { Sight } from './create-sight.ts';

/** What rows share with the timeline around them. */
export type TimelineContext = {
  /** Watches which messages come on the screen. */
  sight: Sight;
  /** Shows a message of this conversation, loading up to it. */
  jumpTo: (seq: number) => void;
  /** The row whose tools are shown. */
  active: (key: string) => boolean;
};

export const TimelineContextProvider = createContext<TimelineContext>();

/** The timeline around a row; throws outside of one. */
export const useTimeline = (): TimelineContext => {
  const timeline = useContext(TimelineContextProvider);
  if (!timeline) throw new Error('used outside of a timeline');
  return timeline;
};
