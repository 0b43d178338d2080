import { createSignal } from 'solid-js';
import type { Clock } from '../realtime/clock.ts';

/** The time, told again every minute: what says "Today" becomes "Yesterday" while the page is open. */
export const createMinute = (clock: Clock) => {
  const [now, setNow] = createSignal(clock.now());
  let cancel = () => {};
  const tick = () => {
    setNow(clock.now());
    cancel = clock.after(60_000 - (clock.now() % 60_000), tick);
  };
  tick();
  return { now, stop: (): void => cancel() };
};
