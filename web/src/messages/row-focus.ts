import { onCleanup } from 'solid-js';

const longPressMs = 450;
const stillMs = 120;

/**
 * Makes one message of the timeline the active one: under the mouse, in focus, or pressed for a while. One set of handlers for all
 * rows: a handler a row would be most of what a row costs. Rows that pass below a resting mouse are not active: the one that it
 * stands on when the scrolling ends is. `setActive` takes the row's key.
 */
export const createRowFocus = (setActive: (key: string | undefined) => void) => {
  let press: ReturnType<typeof setTimeout> | undefined;
  const cancelPress = () => clearTimeout(press);
  const activate = (target: EventTarget | null) => {
    const key = rowOf(target)?.dataset.key;
    if (key !== undefined) setActive(key);
  };
  let under: EventTarget | null = null;
  let still: ReturnType<typeof setTimeout> | undefined;
  const rest = () => {
    still = undefined;
    if (under) activate(under);
  };
  const leave = (rows: HTMLElement, next: EventTarget | null) => {
    if (next instanceof Node && rows.contains(next)) return;
    if (!rows.querySelector('.message:focus-within')) setActive(undefined);
  };
  const scrolled = () => {
    clearTimeout(still);
    still = setTimeout(rest, stillMs);
  };
  onCleanup(() => clearTimeout(still));
  const rows = {
    onPointerOver: (event: PointerEvent) => {
      if (event.pointerType !== 'mouse') return;
      under = event.target;
      if (still === undefined) activate(under);
    },
    onPointerLeave: (event: PointerEvent & { currentTarget: HTMLElement }) => {
      if (event.pointerType !== 'mouse') return;
      under = null;
      leave(event.currentTarget, null);
    },
    onPointerDown: (event: PointerEvent) => {
      cancelPress();
      if (event.pointerType !== 'mouse') press = setTimeout(() => activate(event.target), longPressMs);
    },
    // The browser's own long press, which ends ours: a busy page hears of both at once.
    onContextMenu: (event: MouseEvent) => {
      if ('pointerType' in event && event.pointerType === 'touch') activate(event.target);
    },
    onPointerUp: cancelPress,
    onPointerCancel: cancelPress,
    onFocusIn: (event: FocusEvent) => activate(event.target),
    onFocusOut: (event: FocusEvent & { currentTarget: HTMLElement }) => {
      if (!event.currentTarget.matches(':hover')) leave(event.currentTarget, event.relatedTarget);
    },
    onKeyDown: (event: KeyboardEvent) => {
      const row = rowOf(event.target);
      if (row !== event.target) return;
      const next = row && neighbour(row, event.key);
      if (!next) return;
      event.preventDefault();
      next.focus();
    },
  };
  return { rows, scrolled };
};

/** Makes one message of all the one that Tab reaches: the active one, else the newest that is in the page. */
export const keepTabStop = (content: HTMLElement, activeKey: string | undefined): void => {
  const messages = [...content.querySelectorAll<HTMLElement>('.message')];
  const stop = messages.find(({ dataset }) => dataset.key === activeKey) ?? messages.at(-1);
  for (const message of messages) if (message.tabIndex === 0) message.tabIndex = -1;
  if (stop) stop.tabIndex = 0;
};

const rowOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('.message') : null;

/** The message above or below. */
const neighbour = (row: HTMLElement, key: string): HTMLElement | undefined => {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>(':scope > .message') ?? [])];
  return rows[rows.indexOf(row) + (key === 'ArrowDown' ? 1 : -1)];
};
