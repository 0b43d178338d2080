import type { Clock } from '@chatapp/resilience/clock';

export interface SayHowLongOptions {
  readonly what: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

const firstWordMs = 2000;
/** Who waits for a service takes a minute without a word for its end. */
const silenceMaxMs = 30_000;

/** Says how long a work takes, after two seconds and after twice as long each time, until what is answered is called. */
export const sayHowLong = ({ what, clock, log }: SayHowLongOptions): (() => void) => {
  const startedAt = clock.now();
  const sayAfter = (ms: number): (() => void) =>
    clock.after(ms, () => {
      log(`${what}: ${Math.round((clock.now() - startedAt) / 1000)} s so far`);
      stop = sayAfter(Math.min(ms * 2, silenceMaxMs));
    });
  let stop = sayAfter(firstWordMs);
  return () => stop();
};
