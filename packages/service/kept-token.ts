import type { Clock } from '@chatapp/resilience/clock';

export interface KeptTokenOptions {
  readonly fetchToken: () => Promise<{ readonly token: string; readonly expiresInMs: number }>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface KeptToken {
  /** Waits for the issuer only where there is no token that is good. */
  get(): Promise<string>;
  /** Forgets a token that was refused, so that the next `get` fetches another; not where another was forgotten a moment ago. */
  drop(token: string): void;
}

/** Left of a token's life when it is used for the last time: it has to travel. */
const travelMs = 3000;
/** Between two renewals at least, however short the life. */
const renewalPauseMinMs = 1000;
/** A service that takes no token at all must not make the issuer give one with every request. */
const dropPauseMs = 5000;
/** Pauses after failed renewals double from the one to the other, half of each by chance. */
const failurePause = { baseMs: 1000, capMs: 30_000 };
/** A timer takes no more than 2^31 ms and runs at once when it is given more. */
const timerMaxMs = 24 * 60 * 60 * 1000;

/**
 * One token, renewed beside its use from the first `get` on, whether it is used or not: at about two fifths of its life, so that an issuer that
 * goes away at any moment leaves it half of it. A renewal that fails leaves the old token in use until its end, and is tried again.
 */
export const keepToken = ({ fetchToken, clock, random }: KeptTokenOptions): KeptToken => {
  let held: { readonly token: string; readonly usableUntil: number } | undefined;
  let flight: Promise<string> | undefined;
  let failures = 0;
  let renewAt = 0;
  let droppedAt = Number.NEGATIVE_INFINITY;
  let cancel = () => {};

  const renewIn = (ms: number) => {
    renewAt = clock.now() + ms;
    arm();
  };
  const arm = () => {
    cancel();
    cancel = clock.after(Math.min(Math.max(renewAt - clock.now(), 0), timerMaxMs), () =>
      clock.now() < renewAt ? arm() : renewAside(),
    );
  };

  const renew = (): Promise<string> => {
    flight ??= fetchOne().finally(() => {
      flight = undefined;
    });
    return flight;
  };
  /** Nobody waits for it: who needs a token and has none asks for themselves, and hears the error. */
  const renewAside = () => void renew().catch(() => undefined);

  const fetchOne = async (): Promise<string> => {
    try {
      const { token, expiresInMs } = await fetchToken();
      failures = 0;
      held = { token, usableUntil: clock.now() + expiresInMs - travelMs };
      renewIn(Math.max(expiresInMs * (0.35 + 0.1 * random()), renewalPauseMinMs));
      return token;
    } catch (error) {
      const pauseMs = Math.min(failurePause.capMs, failurePause.baseMs * 2 ** failures++);
      renewIn(pauseMs * (0.5 + 0.5 * random()));
      throw error;
    }
  };

  return {
    get() {
      if (held === undefined || clock.now() >= held.usableUntil) return renew();
      // The timer may be late: a machine sleeps, a clock jumps.
      if (clock.now() >= renewAt) renewAside();
      return Promise.resolve(held.token);
    },
    drop(token) {
      if (held?.token !== token || Math.abs(clock.now() - droppedAt) < dropPauseMs) return;
      droppedAt = clock.now();
      held = undefined;
    },
  };
};
