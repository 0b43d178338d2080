import { createEffect, createSelector, createSignal, on, onCleanup } from 'solid-js';
import { useApp } from '../context.ts';
import type { RoomContext } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import type { Scroll } from './scroll.ts';
import { reachesStart } from './timeline.ts';
import { latestWindow, type TimelineWindow, trimmed, widenedDown, widenedUp, windowAround } from './window.ts';

const jumpPagesMax = 40;
// The rows of a window must reach further than the screen and this on both sides, also where each is one line (28 px).
const nearPx = 900;
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
    if (!scroll.atEnd()) return;
    setReadTo(high);
    setWindow((shown) => trimmed(shown, { low: 1, high }));
  });

  const up = async () => {
    if (window().from <= range().low) {
      // After a failure the person asks again, or the connection does when it is back.
      if (reachesStart(range()) || entry.older() === 'failed') return;
      await client.timelines.loadOlder(id);
    }
    scroll.keepPlace(() => setWindow((shown) => widenedUp(shown, range())));
  };
  const down = () => scroll.keepPlace(() => setWindow((shown) => widenedDown(shown, range())));

  const toLatest = () => {
    setWindow((shown) => (shown.to === 'end' ? shown : latestWindow(range())));
    scroll.toEnd();
  };

  const jumpTo = async (seq: number) => {
    for (let pages = 0; seq < range().low && pages < jumpPagesMax; pages++) {
      const { low } = range();
      await client.timelines.loadOlder(id);
      if (range().low === low) break;
    }
    if (seq < range().low) return notices.fail(text.timeline.olderFailed);
    const { from, to } = window();
    if (seq < from || (to !== 'end' && seq > to)) setWindow(windowAround(seq, range()));
    const row = viewport?.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (!row) return;
    scroll.toRow(row);
    row.focus({ preventScroll: true });
    row.dataset.flash = 'true';
    setTimeout(() => delete row.dataset.flash, flashMs);
  };

  return {
    window,
    active: createSelector(activeKey),
    setActive,
    /** How many came since the end was last in sight. */
    fresh: () => Math.max(0, range().high - readTo()),
    /** Whether the first message of the conversation is in the window. */
    atStart: () => entry.status() === 'ready' && reachesStart(range()) && window().from <= 1,
    toLatest,
    jumpTo: (seq: number): void => void jumpTo(seq),
    watch: (parts: { viewport: HTMLElement; top: HTMLElement; bottom: HTMLElement }): void => {
      viewport = parts.viewport;
      edges = [whileNear(parts.viewport, parts.top, up), whileNear(parts.viewport, parts.bottom, async () => down())];
      onCleanup(() => {
        for (const edge of edges) edge.stop();
      });
    },
  };
};

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));

type Edge = { lookAgain: () => void; stop: () => void };

/** Runs `widen` while an edge is near the viewport: once as it comes near, and again for as long as it stays. */
const whileNear = (viewport: HTMLElement, element: HTMLElement, widen: () => Promise<void>): Edge => {
  let busy = false;
  const look = async (entries: IntersectionObserverEntry[]) => {
    if (busy || !entries.at(-1)?.isIntersecting) return;
    busy = true;
    const height = viewport.scrollHeight;
    await widen();
    await nextFrame();
    busy = false;
    if (viewport.scrollHeight !== height) lookAgain();
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
