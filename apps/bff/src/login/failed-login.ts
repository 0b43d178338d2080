import { ProblemError } from '@chatapp/service/problem';
import { type LoginRefusal, LoginRefusedError } from './issuer-errors.ts';
import { type Page, refusalResponse } from './page.ts';

type Words = Pick<Page, 'title' | 'text' | 'links'>;

const again = { href: '/bff/login', text: 'Sign in again' };
const back = { href: '/', text: 'Back to ChatApp' };

/** What happened, and what the person can do. */
const words: Record<LoginRefusal, Words> = {
  declined: {
    title: 'You were not signed in',
    text: 'The sign-in was cancelled, or your account may not use ChatApp. If it should, ask whoever runs it.',
    links: [again, back],
  },
  over: {
    title: 'This sign-in is over',
    text: 'It took too long, or was used already. Nothing has changed: just start again.',
    links: [again],
  },
  'other-browser': {
    title: 'This sign-in was begun elsewhere',
    text: 'It belongs to another browser or window, or cookies are blocked. Nothing has changed: start again here.',
    links: [again],
  },
  'not-fresh': {
    title: 'Please prove that it is you',
    text: 'To sign out everywhere you have to sign in anew, as the same person. Nothing has changed.',
    links: [back],
  },
  issuer: {
    title: 'Signing in did not work',
    text: 'The sign-in service gave an answer that cannot be accepted. Nothing has changed: try again, and if it stays so, tell whoever runs ChatApp.',
    links: [again],
  },
};

/** The answer to an error that a person met on the way in or out; undefined where it is none of theirs. */
export const failureResponse = (request: Request, error: unknown): Response | undefined => {
  if (error instanceof LoginRefusedError)
    return refusalResponse(request, { code: 'login-failed', ...words[error.refusal] });
  if (!(error instanceof ProblemError) || (error.status !== 503 && error.status !== 429)) return undefined;
  const tooMany = error.status === 429;
  return refusalResponse(request, {
    code: error.code,
    title: tooMany ? 'Too many tries' : 'Not possible right now',
    text: tooMany
      ? 'Too many sign-ins were begun from your network. Wait a minute, then try again.'
      : 'A part of the service does not answer. Wait a moment, then try again.',
    links: [back],
    retryAfterMs: error.retryAfterMs ?? 5000,
  });
};
