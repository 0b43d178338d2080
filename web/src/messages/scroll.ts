import { createSignal, onCleanup } from 'solid-js';

export type Scroll = ReturnType<typeof createScroll>;

const endWithinPx = 48;

/**
 * Where the timeline stands: it stays at the end while it is there and grows, and keeps what is read in its place when rows come
 * or go above, change their height, or wrap anew.
 */
export const createScroll = (follows: () => boolean) => {
  const [atEnd, setAtEnd] = createSignal(true);
  let viewport: HTMLElement | undefined;
  /** What is read, where it stood last. */
  let place: ReturnType<typeof anchor>;

  const toEnd = () => {
    if (viewport) viewport.scrollTop = viewport.scrollHeight;
    setAtEnd(true);
  };
  const look = () => {
    if (!viewport) return;
    const below = viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight;
    setAtEnd(follows() && below < endWithinPx);
    place = anchor();
  };

  /** The first message that can be seen, and where it stands. Not the very first: its day and its name go when others come above it. */
  const anchor = () => {
    const top = viewport?.getBoundingClientRect().top ?? 0;
    const rows = viewport?.querySelectorAll<HTMLElement>('[data-seq]') ?? [];
    const seen = firstIndex(rows, (box) => box.bottom > top);
    const row = rows[Math.max(1, seen)];
    return row && { row, top: row.getBoundingClientRect().top };
  };

  /** Puts it back where it stood. */
  const hold = () => {
    if (place?.row.isConnected && viewport) viewport.scrollTop += place.row.getBoundingClientRect().top - place.top;
    place = anchor();
  };

  return {
    atEnd,
    toEnd,
    look,
    attach: (element: HTMLElement, content: HTMLElement): void => {
      viewport = element;
      const observer = new ResizeObserver(() => {
        if (atEnd()) toEnd();
        else hold();
      });
      observer.observe(element);
      observer.observe(content);
      onCleanup(() => observer.disconnect());
    },
    /** Makes a change above or below without moving what is being read. */
    keepPlace: (change: () => void): void => {
      place = anchor();
      change();
      hold();
    },
    /** The `seq` of the first and of the last message that are within `px` of what can be seen. */
    near: (px: number): { first: number; last: number } => {
      const { top, bottom } = viewport?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
      const rows = viewport?.querySelectorAll<HTMLElement>('[data-seq]') ?? [];
      const first = rows[firstIndex(rows, (box) => box.bottom > top - px)];
      const last = rows[firstIndex(rows, (box) => box.top > bottom + px) - 1];
      return { first: seqOf(first) ?? Number.POSITIVE_INFINITY, last: seqOf(last) ?? 0 };
    },
    /** Whether a row is above what can be seen. */
    isPast: (row: HTMLElement): boolean =>
      row.getBoundingClientRect().bottom <= (viewport?.getBoundingClientRect().top ?? 0),
    /** Brings a row to the upper third. */
    toRow: (row: HTMLElement): void => {
      if (!viewport) return;
      const offset = row.getBoundingClientRect().top - viewport.getBoundingClientRect().top;
      viewport.scrollTop += offset - viewport.clientHeight / 3;
      look();
    },
  };
};

const seqOf = (row: HTMLElement | undefined): number | undefined => (row ? Number(row.dataset.seq) : undefined);

/** The index of the first row for which this is so, as it is for all below it; their number where there is none. */
const firstIndex = (rows: ArrayLike<HTMLElement>, isSo: (box: DOMRect) => boolean): number => {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const row = rows[middle];
    if (row && isSo(row.getBoundingClientRect())) to = middle;
    else from = middle + 1;
  }
  return from;
};
