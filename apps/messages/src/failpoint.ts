/** Where a process can be made to die, or to freeze once, in the middle of a batch: the places between which that could lose or double something. */
export const failpoints = [
  'none',
  'before-commit',
  'after-commit',
  'before-publish',
  'before-xdel',
  'freeze-before-commit',
  'freeze-after-commit',
] as const;
export type Failpoint = (typeof failpoints)[number];

/** A place in the code. */
export type Place = 'before-commit' | 'after-commit' | 'before-publish' | 'before-xdel';

/** Called at each place by name. */
export type Reach = (place: Place) => void;

/** Dies at once, as by `kill -9`, or freezes until it is woken, at the chosen place; does nothing elsewhere. */
export const createFailpoint = (chosen: Failpoint, signal: (name: 'SIGKILL' | 'SIGSTOP') => void): Reach => {
  let hasFrozen = false;
  return (place) => {
    if (place === chosen) signal('SIGKILL');
    if (`freeze-${place}` !== chosen || hasFrozen) return;
    hasFrozen = true;
    signal('SIGSTOP');
  };
};

export const neverFails: Reach = () => undefined;
