import { createSignal } from 'solid-js';
import type { Clock } from '../realtime/clock.ts';

export type Notice = { id: number; text: string; failed: boolean };
export type Notices = ReturnType<typeof createNotices>;

const shownMs = 6000;
const shownMax = 3;

/** Short sentences that pass by: what happened elsewhere, or what did not work. */
export const createNotices = (clock: Clock) => {
  const [notices, setNotices] = createSignal<readonly Notice[]>([]);
  let count = 0;
  const dismiss = (id: number) => setNotices((all) => all.filter((notice) => notice.id !== id));
  const show = (text: string, failed: boolean) => {
    const id = ++count;
    setNotices((all) => [...all, { id, text, failed }].slice(-shownMax));
    clock.after(shownMs, () => dismiss(id));
  };
  return {
    notices,
    tell: (text: string): void => show(text, false),
    fail: (text: string): void => show(text, true),
    dismiss,
  };
};
