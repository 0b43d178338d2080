import { ResilienceError } from '@chatapp/resilience/errors';
import { KeysUnavailableError } from '@chatapp/service/key-set';
import { ProblemError } from '@chatapp/service/problem';

/** Why nobody was signed in: what the person can do differs. */
export type LoginRefusal = 'declined' | 'over' | 'other-browser' | 'not-fresh' | 'issuer';

/** The issuer answered and says no, or the answer is not one to this browser's question; its own reason is the cause. */
export class LoginRefusedError extends Error {
  override readonly name = 'LoginRefusedError';
  constructor(
    readonly refusal: LoginRefusal,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Asked without a page (`prompt=none`), the issuer would have to show one: nobody is signed in there, or they must answer something. */
export class NotSignedInThereError extends Error {
  override readonly name = 'NotSignedInThereError';
}

/** The issuer renews this session no more. */
export class RefreshRefusedError extends Error {
  override readonly name = 'RefreshRefusedError';
}

/** The discovery document names another issuer: a mistake in the settings, or a trap; never an outage. */
export class WrongIssuerError extends Error {
  override readonly name = 'WrongIssuerError';
}

/** No answer of the issuer at all, so nothing is known about the person either. */
export const isAway = (error: unknown): boolean => {
  if (error instanceof ProblemError || error instanceof ResilienceError || error instanceof KeysUnavailableError)
    return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(E[A-Z]+|Connection\w+)$/.test(code);
};

export const unavailable = (cause: unknown): ProblemError =>
  cause instanceof ProblemError
    ? cause
    : new ProblemError('unavailable', { retryAfterMs: 5000, detail: 'The sign-in service does not answer.', cause });
