import { createSignal } from 'solid-js';
import type { Clock } from '../realtime/clock.ts';

/** `act`: what can be done about it, while it is shown. */
export type NoticeAct = { label: string; run: () => void };
export type Notice = { id: number; text: string; failed: boolean; act?: NoticeAct | undefined };
export type Notices = ReturnType<typeof createNotices>;

const shownMs = 6000;
const shownToActMs = 12_000;
const shownMax = 3;

/** Short sentences that pass by: what happened elsewhere, or what did not work. */
export const createNotices = (clock: Clock) => {
  const [notices, setNotices] = createSignal<readonly Notice[]>([]);
  let count = 0;
  const dismiss = (id: number) => setNotices((all) => all.filter((notice) => notice.id !== id));
  const show = (text: string, failed: boolean, act?: NoticeAct) => {
    const id = ++count;
    setNotices((all) => [...all, { id, text, failed, act }].slice(-shownMax));
    clock.after(act ? shownToActMs : shownMs, () => dismiss(id));
  };
  return {
    notices,
    tell: (text: string, act?: NoticeAct): void => show(text, false, act),
    fail: (text: string, act?: NoticeAct): void => show(text, true, act),
    dismiss,
  };
};
