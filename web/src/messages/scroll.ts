import { createSignal, onCleanup } from 'solid-js';

export type Scroll = ReturnType<typeof createScroll>;

const endWithinPx = 48;

/**
 * Where the timeline stands: it stays at the end while it is there and grows, and keeps what is read in its place when rows come
 * or go above.
 */
export const createScroll = (follows: () => boolean) => {
  const [atEnd, setAtEnd] = createSignal(true);
  let viewport: HTMLElement | undefined;

  const toEnd = () => {
    if (viewport) viewport.scrollTop = viewport.scrollHeight;
    setAtEnd(true);
  };
  const look = () => {
    if (!viewport) return;
    const below = viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight;
    setAtEnd(follows() && below < endWithinPx);
  };

  /** The first row that can be seen, and where it stands. */
  const anchor = () => {
    const top = viewport?.getBoundingClientRect().top ?? 0;
    for (const row of viewport?.querySelectorAll<HTMLElement>('[data-row]') ?? []) {
      const box = row.getBoundingClientRect();
      if (box.bottom > top) return { row, top: box.top };
    }
    return undefined;
  };

  return {
    atEnd,
    toEnd,
    look,
    attach: (element: HTMLElement, content: HTMLElement): void => {
      viewport = element;
      const observer = new ResizeObserver(() => {
        if (atEnd()) toEnd();
      });
      observer.observe(element);
      observer.observe(content);
      onCleanup(() => observer.disconnect());
    },
    /** Makes a change above or below without moving what is being read. */
    keepPlace: (change: () => void): void => {
      const before = anchor();
      change();
      if (!before?.row.isConnected || !viewport) return;
      viewport.scrollTop += before.row.getBoundingClientRect().top - before.top;
    },
    /** Brings a row to the upper third. */
    toRow: (row: HTMLElement): void => {
      if (!viewport) return;
      const offset = row.getBoundingClientRect().top - viewport.getBoundingClientRect().top;
      viewport.scrollTop += offset - viewport.clientHeight / 3;
      look();
    },
  };
};
