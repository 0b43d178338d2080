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

/** Who is signed in, as the BFF says. */
export const createSession = ({ user, clock, random }: SessionParts) => {
  const [state, setState] = createSignal<SessionState>({ at: 'loading' });
  let attempt = 0;
  let timer: (() => void) | undefined;

  const load = async (): Promise<void> => {
    timer?.();
    try {
      setState({ at: 'signed-in', signedIn: await user() });
      attempt = 0;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return void setState({ at: 'signed-out' });
      setState({ at: 'unreachable' });
      timer = clock.after(1000 + reconnectDelayMs(attempt++, random), () => void load());
    }
  };

  return {
    state,
    load,
    /** A request was answered with 401, or the socket closed for it. What was written stays in the outbox. */
    end: (): void => void setState({ at: 'signed-out' }),
  };
};
