/** Time as the client's machines take it: milliseconds, and timers that can be cancelled. */
export type Clock = {
  now: () => number;
  /** Runs once after `ms`; the answer cancels it. */
  after: (ms: number, run: () => void) => () => void;
};

/** The browser's own time. */
export const browserClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
