import { createSignal } from 'solid-js';
import type { Clock } from './clock.ts';

/** Whether the server has been away for longer than an ordinary way back takes, however often it was tried meanwhile. */
export const createAbsence = (clock: Clock) => {
  const [isLong, setLong] = createSignal(false);
  let cancel: (() => void) | undefined;
  const end = () => {
    cancel?.();
    cancel = undefined;
    setLong(false);
  };
  return {
    isLong,
    /** Counts as long after `graceMs`; one that has begun already goes on. */
    begin: (graceMs: number): void => {
      cancel ??= clock.after(graceMs, () => setLong(true));
    },
    /** It is known to be long. */
    beginLong: (): void => {
      end();
      cancel = () => {};
      setLong(true);
    },
    end,
  };
};
