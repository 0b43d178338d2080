export interface CollectOptions {
  readonly countSockets: () => number;
  /** A whole collection, which gives what it freed back to the system: tens of milliseconds for some thousand sockets. */
  readonly collect: () => void;
}

/** Sockets more or fewer than at the last collection before the next is worth its pause. */
const worthIt = 500;
/** Sockets a second: while more come and go, there is no moment to pause. */
const quiet = 50;

/**
 * After many sockets came or went, and once it is quiet again, collects what their handshakes left behind. The runtime collects when memory is asked for,
 * so a node whose sockets idle would keep three times what they need until somebody talks. Called once a second.
 */
export const createCollect = ({ countSockets, collect }: CollectOptions): (() => void) => {
  let before = 0;
  let collectedAt = 0;
  return () => {
    const count = countSockets();
    const isQuiet = Math.abs(count - before) <= quiet;
    before = count;
    if (!isQuiet || Math.abs(count - collectedAt) < worthIt) return;
    collectedAt = count;
    collect();
  };
};
