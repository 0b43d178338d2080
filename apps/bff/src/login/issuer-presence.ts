import { type Clock, systemClock } from '@chatapp/resilience/clock';
import { DeadlineError } from '@chatapp/resilience/errors';
import { withTimeLimit } from '@chatapp/resilience/time-limit';

export interface IssuerPresenceOptions {
  /** Each resolves where the issuer answered within that time, ms. */
  readonly issuers: readonly { present(withinMs: number): Promise<unknown> }[];
  readonly now: () => number;
  readonly clock?: Clock;
}

/** Together less than the five seconds in which a fault must be seen. */
const lookEveryMs = 3000;
const believedMs = 1000;
/** Orchestrators give a probe a second. */
const answerMs = 700;

/** Resolves while every issuer answers. However many probes ask, the issuers are asked once in three seconds. */
export const createIssuerPresence = ({ issuers, now, clock = systemClock }: IssuerPresenceOptions) => {
  const look = () =>
    withTimeLimit(() => Promise.all(issuers.map((issuer) => issuer.present(believedMs))), {
      ...{ ms: answerMs, clock },
      error: () => new DeadlineError('issuer', 'attempt'),
    });
  let looked: Promise<unknown> | undefined;
  let lookedAt = 0;
  return async (): Promise<void> => {
    if (looked === undefined || Math.abs(now() - lookedAt) >= lookEveryMs) {
      lookedAt = now();
      looked = look();
    }
    await looked;
  };
};
