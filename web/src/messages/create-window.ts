import { createEffect, createSelector, createSignal, on, onCleanup } from 'solid-js';
import { useApp } from '../context.ts';
import type { RoomContext } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { createPace } from './pace.ts';
import type { Scroll } from './scroll.ts';
import { reachesStart } from './timeline.ts';
import { latestWindow, stopped, type TimelineWindow, trimmed, widenedDown, widenedUp, windowAround } from './window.ts';

const jumpPagesMax = 40;
// Who has more unread than this is shown the newest.
const unreadPagesMax = 10;
// More rows are asked for when the edge is nearer than this; those further away than twice as much go, so that the edges never hunt each other.
const nearPx = 900;
const farPx = 2 * nearPx;
// The page before what is loaded is asked for when the edge of the window is so near to it: scrolling waits for no answer.
const aheadRows = 60;
const flashMs = 1600;

/** Moves the window over the loaded range as the person scrolls, and loads older pages when it reaches the top of it. */
export const createWindow = ({ id, entry }: RoomContext, scroll: Scroll) => {
  const { client, notices } = useApp();
  const [window, setWindow] = createSignal<TimelineWindow>({ from: 1, to: 'end' });
  const [activeKey, setActive] = createSignal<string>();
  const [readTo, setReadTo] = createSignal(0);
  let viewport: HTMLElement | undefined;
  let edges: Edge[] = [];
  const range = () => entry.timeline();

  // A new timeline (the first page, or after a reset) starts at its end.
  createEffect(
    on(entry.status, (status) => {
      if (status !== 'ready') return;
      setWindow(latestWindow(range()));
      setReadTo(range().high);
      for (const edge of edges) edge.lookAgain();
    }),
  );
  // Older messages came after a failure, or may be asked for again.
  createEffect(
    on(
      entry.older,
      (older) => {
        if (older === 'idle') edges[0]?.lookAgain();
      },
      { defer: true },
    ),
  );
  createEffect(() => {
    const { high } = range();
    const atEnd = scroll.atEnd();
    if (atEnd) setReadTo(high);
    setWindow((shown) => (atEnd ? trimmed : stopped)(shown, { low: 1, high }));
  });

  const pace = createPace(() => performance.now());
  /** Answers whether there was anything to bring. */
  const step = (widened: typeof widenedUp): boolean => {
    const before = window();
    const next = widened(before, range(), { rows: pace.rows(), near: scroll.near(farPx) });
    if (next.from === before.from && next.to === before.to) return false;
    pace.time(() => scroll.keepPlace(() => setWindow(next)));
    return true;
  };
  /** After a failure the person asks again, or the connection does when it is back. */
  const mayLoad = () => !reachesStart(range()) && entry.older() !== 'failed';
  const isAtLow = () => window().from <= range().low;
  const up = async () => {
    if (isAtLow()) {
      if (!mayLoad()) return false;
      await client.timelines.loadOlder(id);
    }
    const isWider = step(widenedUp);
    if (mayLoad() && window().from - range().low < aheadRows) void client.timelines.loadOlder(id);
    return isWider;
  };
  const down = async () => step(widenedDown);

  const toLatest = () => {
    setWindow((shown) => (shown.to === 'end' ? shown : latestWindow(range())));
    scroll.toEnd();
  };

  /** Loads as many pages as it takes, and moves the window to the message; answers whether it is there. */
  const bring = async (seq: number, pagesMax: number): Promise<boolean> => {
    for (let pages = 0; seq < range().low && pages < pagesMax; pages++) {
      const { low } = range();
      await client.timelines.loadOlder(id);
      if (range().low === low) break;
    }
    if (seq < range().low) return false;
    const { from, to } = window();
    if (seq < from || (to !== 'end' && seq > to)) setWindow(windowAround(seq, range()));
    return true;
  };

  const jumpTo = async (seq: number) => {
    if (!(await bring(seq, jumpPagesMax))) return notices.fail(text.timeline.olderFailed);
    const row = viewport?.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (!row) return;
    scroll.toRow(row);
    row.focus({ preventScroll: true });
    row.dataset.flash = 'true';
    setTimeout(() => delete row.dataset.flash, flashMs);
  };

  const markNew = () => viewport?.querySelector<HTMLElement>('.separator-new');

  /** Where a conversation opens: at the separator `New`, else at the newest. */
  const open = async (newAfter: number | undefined) => {
    scroll.toEnd();
    if (newAfter === undefined || !(await bring(newAfter + 1, unreadPagesMax))) return;
    const mark = markNew();
    if (mark) scroll.toRow(mark);
  };

  return {
    window,
    activeKey,
    active: createSelector(activeKey),
    setActive,
    /** How many came since the end was last in sight. */
    fresh: () => Math.max(0, range().high - readTo()),
    /** Whether the first message of the conversation is in the window. */
    atStart: () => entry.status() === 'ready' && reachesStart(range()) && window().from <= 1,
    /** Whether the messages above what is shown are still to come. */
    isWaiting: () => entry.older() === 'loading' && isAtLow(),
    toLatest,
    jumpTo: (seq: number): void => void jumpTo(seq),
    open,
    /** Whether the separator `New` can be seen, or is further down. */
    isAtMark: (): boolean => {
      const mark = markNew();
      return mark ? !scroll.isPast(mark) : false;
    },
    watch: (parts: { viewport: HTMLElement; top: HTMLElement; bottom: HTMLElement }): void => {
      viewport = parts.viewport;
      edges = [whileNear(parts.viewport, parts.top, up), whileNear(parts.viewport, parts.bottom, down)];
      onCleanup(() => {
        for (const edge of edges) edge.stop();
      });
    },
  };
};

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));

type Edge = { lookAgain: () => void; stop: () => void };

/** Runs `widen` while an edge is near the viewport: as it comes near, and again for as long as it stays and there is more. */
const whileNear = (viewport: HTMLElement, element: HTMLElement, widen: () => Promise<boolean>): Edge => {
  let busy = false;
  let isAsked = false;
  const look = async (entries: IntersectionObserverEntry[]) => {
    if (busy) isAsked = true;
    if (busy || !entries.at(-1)?.isIntersecting) return;
    busy = true;
    isAsked = false;
    const isWider = await widen();
    await nextFrame();
    busy = false;
    if (isAsked || isWider) lookAgain();
  };
  const observer = new IntersectionObserver((entries) => void look(entries), {
    root: viewport,
    rootMargin: `${nearPx}px 0px`,
  });
  // Observing anew tells where the edge is now.
  const lookAgain = () => {
    observer.unobserve(element);
    observer.observe(element);
  };
  observer.observe(element);
  return { lookAgain, stop: () => observer.disconnect() };
};
