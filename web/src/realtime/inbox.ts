import type { Push } from '@chatapp/contract/frames';

/** Pushes about a conversation wait here from the greeting until the answer of `resume`, which they may overtake. */
export const createInbox = (deliver: (push: Push) => void) => {
  let held: Push[] | undefined;
  return {
    hold: (): void => {
      held = [];
    },
    /** Ends the wait; `between` runs first, with the answer of the resume. */
    release: (between: () => void): void => {
      const waiting = held ?? [];
      held = undefined;
      between();
      for (const push of waiting) deliver(push);
    },
    /** Forgets what was held: the connection that brought it has gone, and the next resume tells it again. */
    clear: (): void => {
      held = undefined;
    },
    take: (push: Push): void => {
      if (held === undefined || !('c' in push || push.e === 'conversation')) deliver(push);
      else held.push(push);
    },
  };
};
