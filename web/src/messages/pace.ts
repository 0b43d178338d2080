/** What a step of scrolling may take, ms: the rest of the frame is for drawing what it brought. */
const stepMs = 12;
const rowsMin = 4;
const rowsMax = 16;
const rowsFirst = 4;

/** How many rows a step of scrolling brings: as many as this machine makes and lays out in time, seen from the step before. */
export const createPace = (now: () => number) => {
  let rows = rowsFirst;
  return {
    rows: (): number => rows,
    /** Runs a step and learns from how long it takes. */
    time: (step: () => void): void => {
      const from = now();
      step();
      const fitting = Math.floor((rows * stepMs) / Math.max(1, now() - from));
      rows = Math.max(rowsMin, Math.min(rowsMax, 2 * rows, fitting));
    },
  };
};
