/** Where a process can be made to die in the middle of a batch: the four places between which a crash could lose or double something. */
export const failpoints = ['none', 'before-commit', 'after-commit', 'before-publish', 'before-xdel'] as const;
export type Failpoint = (typeof failpoints)[number];

/** Called at each place by name. */
export type Reach = (point: Exclude<Failpoint, 'none'>) => void;

/** Dies at once, as by `kill -9`, at the chosen place; does nothing elsewhere. */
export const createFailpoint = (chosen: Failpoint, die: () => void): Reach => {
  return (point) => {
    if (point === chosen) die();
  };
};

export const neverFails: Reach = () => undefined;
