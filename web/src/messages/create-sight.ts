import { onCleanup } from 'solid-js';

export type Sight = Pick<IntersectionObserver, 'observe' | 'unobserve'>;

/** Tells of each message that comes on the screen, but not of those that pass while the timeline goes to where it opens. */
export const createSight = (seen: (seq: number) => void) => {
  const observed = new Set<Element>();
  let turn = 0;
  let isOpen = false;
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const seq = Number((target as HTMLElement).dataset.seq ?? 0);
      if (isOpen && isIntersecting && seq > 0) seen(seq);
    }
  });
  onCleanup(() => observer.disconnect());
  return {
    observe: (row: Element): void => {
      observed.add(row);
      observer.observe(row);
    },
    unobserve: (row: Element): void => {
      observed.delete(row);
      observer.unobserve(row);
    },
    /** Tells of nothing until the timeline is `there`, and then of what is on the screen; `false` while it cannot go. */
    shutUntil: async (there: Promise<void> | false): Promise<void> => {
      const mine = ++turn;
      isOpen = false;
      await there;
      if (there === false || mine !== turn) return;
      // What was noticed on the way is not told later.
      observer.takeRecords();
      isOpen = true;
      for (const row of observed) {
        observer.unobserve(row);
        observer.observe(row);
      }
    },
  };
};
