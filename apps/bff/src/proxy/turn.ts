/** Adds a work to those of this turn. */
export type Turn = (work: () => void) => void;

/**
 * Works of one kind that are done together, when all that this turn of the event loop brought was looked at. Many requests are in the same turn where there is much
 * to do: it costs less to do one step of all of them than all steps of one after another, because code stays in the processor's caches, and who hears of the
 * first one is still awake for the others.
 */
export const createTurn = (): Turn => {
  let works: (() => void)[] = [];
  const run = () => {
    const due = works;
    works = [];
    let at = 0;
    try {
      for (; at < due.length; at++) due[at]?.();
    } finally {
      // One that throws must not be the end of those behind it.
      if (at < due.length) for (const work of due.slice(at + 1)) add(work);
    }
  };
  const add = (work: () => void) => {
    works.push(work);
    if (works.length === 1) setImmediate(run);
  };
  return add;
};
