import { createEffect, createMemo, For, on, onMount, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { Icon } from '../ui/icon.tsx';
import { createRows } from './create-rows.ts';
import { createSight } from './create-sight.ts';
import { createWindow } from './create-window.ts';
import { createRowFocus, keepTabStop } from './row-focus.ts';
import { RowView } from './row-view.tsx';
import { createScroll } from './scroll.ts';
import { TimelineContextProvider } from './timeline-context.ts';
import { TimelineSkeleton } from './timeline-skeleton.tsx';
import { TimelineStart } from './timeline-start.tsx';

/** The messages of the open conversation. */
export const TimelineView = () => {
  const { client } = useApp();
  const room = useRoom();
  const scroll = createScroll(() => view.window().to === 'end');
  const view = createWindow(room, scroll);
  const rows = createRows(room, view.window);
  const focus = createRowFocus(view.setActive);
  const scrolled = () => {
    scroll.look();
    focus.scrolled();
  };
  let viewport: HTMLDivElement | undefined;
  let content: HTMLDivElement | undefined;
  let top: HTMLDivElement | undefined;
  let bottom: HTMLDivElement | undefined;

  const sight = createSight((seq) => client.readMarker.see(room.id, seq));
  onMount(() => {
    if (!viewport || !content || !top || !bottom) return;
    scroll.attach(viewport, content);
    view.watch({ viewport, top, bottom });
  });
  createEffect(on([rows.keys, view.activeKey], ([, key]) => content && keepTabStop(content, key)));
  createEffect(on(room.sent, view.toLatest, { defer: true }));
  const isReady = () => room.entry.status() === 'ready' && client.unread.loaded();
  const go = (ready: boolean) => void sight.shutUntil(ready && view.open(room.newAfter()));
  createEffect(on(isReady, go));
  // The count of what was missed may come before the messages do.
  const missedAfter = createMemo(() => {
    const after = room.newAfter() ?? Number.POSITIVE_INFINITY;
    return room.entry.timeline().high > after && after;
  });
  // Who followed the end is led to what they missed; who reads elsewhere stays there. Nobody who looks away is taken past it.
  createEffect(
    on([missedAfter, () => room.entry.timeline().high], ([after], before) => {
      if (after === false || !scroll.atEnd()) return;
      if (after !== before?.[0] || (!client.looking() && view.isAtMark())) go(isReady());
    }),
  );

  return (
    <TimelineContextProvider.Provider value={{ sight, jumpTo: view.jumpTo, active: view.active }}>
      <div class="timeline-frame">
        <div class="timeline" ref={viewport} onScroll={scrolled}>
          <div class="timeline-content" ref={content}>
            <div class="sentinel" ref={top} />
            <Show when={view.atStart()} fallback={<TimelineOlder isWaiting={view.isWaiting()} />}>
              <TimelineStart />
            </Show>
            <TimelineStatus />
            <div
              class="timeline-rows"
              role="log"
              aria-label={text.timeline.label}
              aria-live="polite"
              aria-relevant="additions"
              {...focus.rows}
              aria-busy={view.isWaiting() || room.entry.status() === 'loading'}
            >
              <For each={rows.keys()}>{(key) => <RowView row={rows.row(key)} />}</For>
            </div>
            <div class="sentinel" ref={bottom} />
          </div>
        </div>
        <Show when={!scroll.atEnd() || view.window().to !== 'end'}>
          <button type="button" class="latest" onClick={view.toLatest}>
            <Icon name="down" />
            {view.fresh() > 0 ? text.timeline.latestCount(view.fresh()) : text.timeline.latest}
          </button>
        </Show>
      </div>
    </TimelineContextProvider.Provider>
  );
};

/** Above what is loaded. Its height never changes, so that nothing moves when older messages are asked for, come, or do not come. */
const TimelineOlder = (props: { isWaiting: boolean }) => {
  const { client } = useApp();
  const { id, entry } = useRoom();
  return (
    <Show when={entry.status() === 'ready'}>
      <div class="timeline-older">
        <Show when={props.isWaiting}>
          <TimelineSkeleton rows={1} />
        </Show>
        <Show when={entry.older() === 'failed'}>
          <p class="timeline-note" role="alert">
            {text.timeline.olderFailed}{' '}
            <button type="button" class="text-button" onClick={() => void client.timelines.loadOlder(id)}>
              {text.timeline.again}
            </button>
          </p>
        </Show>
      </div>
    </Show>
  );
};

const TimelineStatus = () => {
  const { client } = useApp();
  const { id, entry } = useRoom();
  return (
    <>
      <Show when={entry.status() === 'loading'}>
        <TimelineSkeleton rows={3} />
      </Show>
      <Show when={entry.status() === 'failed'}>
        <div class="empty">
          <p>{text.timeline.failed}</p>
          <button type="button" class="button" onClick={() => client.timelines.reload(id)}>
            {text.timeline.again}
          </button>
        </div>
      </Show>
      <Show when={entry.catchingUp()}>
        <p class="timeline-note" role="status">
          {text.timeline.catchingUp}{' '}
          <button type="button" class="text-button" onClick={() => client.timelines.hurry(id)}>
            {text.timeline.fetchNow}
          </button>
        </p>
      </Show>
    </>
  );
};
