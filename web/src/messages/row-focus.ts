import { onCleanup } from 'solid-js';
import { useTimeline } from './timeline-context.ts';

const longPressMs = 450;

/** Handlers that make a row the active one: under the mouse, in focus, or pressed for a while. */
export const createRowFocus = (key: () => string) => {
  const { active, setActive } = useTimeline();
  let press: ReturnType<typeof setTimeout> | undefined;
  const cancelPress = () => clearTimeout(press);
  onCleanup(cancelPress);
  const leave = (row: HTMLElement) => {
    if (active(key()) && !row.matches(':focus-within, :has(:popover-open)')) setActive(undefined);
  };
  return {
    onPointerEnter: (event: PointerEvent) => {
      if (event.pointerType === 'mouse') setActive(key());
    },
    onPointerLeave: (event: PointerEvent & { currentTarget: HTMLElement }) => {
      cancelPress();
      if (event.pointerType === 'mouse') leave(event.currentTarget);
    },
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType === 'mouse') return;
      press = setTimeout(() => setActive(key()), longPressMs);
    },
    onPointerUp: cancelPress,
    onPointerCancel: cancelPress,
    onFocusIn: () => setActive(key()),
    onFocusOut: (event: FocusEvent & { currentTarget: HTMLElement }) => {
      const { currentTarget, relatedTarget } = event;
      if (relatedTarget instanceof Node && currentTarget.contains(relatedTarget)) return;
      if (!currentTarget.matches(':hover') && active(key())) setActive(undefined);
    },
    onKeyDown: (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
      if (event.target !== event.currentTarget) return;
      const next = neighbour(event.currentTarget, event.key);
      if (!next) return;
      event.preventDefault();
      next.focus();
    },
  };
};

/** The message above or below. */
const neighbour = (row: HTMLElement, key: string): HTMLElement | undefined => {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>(':scope > .message') ?? [])];
  return rows[rows.indexOf(row) + (key === 'ArrowDown' ? 1 : -1)];
};
