import type { SignedInUser } from '@chatapp/contract/http-bff';
import { createSignal } from 'solid-js';
import { ApiError } from '../api/api-error.ts';
import { reconnectDelayMs } from '../realtime/backoff.ts';
import type { Clock } from '../realtime/clock.ts';

export type SessionState =
  | { at: 'loading' }
  | { at: 'signed-out' }
  | { at: 'unreachable' }
  | { at: 'signed-in'; signedIn: SignedInUser };

export type SessionParts = { user: () => Promise<SignedInUser>; clock: Clock; random: () => number };
export type Session = ReturnType<typeof createSession>;

/** Another tab's new cookie may come a moment after the end of the session that it took the place of. */
const onceMoreMs = 2_000;

/** Who is signed in, as the BFF says. */
export const createSession = ({ user, clock, random }: SessionParts) => {
  const [state, setState] = createSignal<SessionState>({ at: 'loading' });
  let attempt = 0;
  let timer: (() => void) | undefined;

  let loading: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    timer?.();
    const before = state();
    try {
      const answer = await user();
      const isSame = before.at === 'signed-in' && isSameSession(before.signedIn, answer);
      setState({ at: 'signed-in', signedIn: isSame ? before.signedIn : answer });
      attempt = 0;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        setState({ at: 'signed-out' });
        if (before.at === 'signed-in') timer = clock.after(onceMoreMs, () => void load());
        return;
      }
      setState({ at: 'unreachable' });
      timer = clock.after(1000 + reconnectDelayMs(attempt++, random), () => void load());
    }
  };

  const load = (): Promise<void> => {
    loading ??= ask().finally(() => {
      loading = undefined;
    });
    return loading;
  };

  return {
    /** While a session lives, `signedIn` is the same object: a page that belongs to it ends with it. */
    state,
    /**
     * Asks who is signed in: at the start, and when a request was answered with 401 or the socket closed for it. Another tab may have signed
     * in meanwhile, as whomever. What was written stays in the outbox.
     */
    load,
  };
};

const isSameSession = (one: SignedInUser, another: SignedInUser): boolean =>
  one.user.id === another.user.id && one.logoutUrl === another.logoutUrl;
