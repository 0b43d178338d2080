import { type FrameError, problemCodes, problems } from '@chatapp/contract/problem';
import type { HistoryEvent, Note } from './history.ts';
import { type Answer, UnexpectedAnswer } from './person.ts';

/** What a history says of an attempt that came to nothing. */
export type FailedRequest = Omit<Extract<HistoryEvent, { k: 'error' }>, 'at' | 'who'>;

/** Of an answer that is no success. An `op` over HTTP begins with `HTTP `. */
export const failedAnswer = (op: string, { status, body, headers }: Answer<unknown>, ms: number): FailedRequest => {
  const code = (body as { code?: string } | undefined)?.code ?? `status-${status}`;
  const seconds = headers.get('retry-after');
  const wait = seconds === null ? {} : { retryAfterMs: Number(seconds) * 1000 };
  return { k: 'error', op, status, code, ms, ...wait };
};

/** Of an error that came over the socket. */
export const failedReply = (op: string, { code, retryAfterMs }: FrameError, ms: number): FailedRequest => {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { k: 'error', op, status: problems[code].status, code, ms, ...wait };
};

/** Of one whose connection broke off, or that nobody answered in time. */
export const unanswered = (op: string, ms: number): FailedRequest => ({
  ...{ k: 'error', op, status: 0, code: 'no-answer', ms },
});

/** The `op` of a socket's handshake. */
export const handshakeOp = 'HTTP handshake';

/** Of a handshake that was refused: by its status alone, which is all that a client is shown. */
export const refusedHandshake = (status: number, ms: number): FailedRequest => {
  const code = problemCodes.find((each) => problems[each].status === status) ?? `status-${status}`;
  return { k: 'error', op: handshakeOp, status, code, ms };
};

/** The work of a request over HTTP, and a note where it fails; but not of a session's end, which is for whoever asks. */
export const noting = async <T>(op: string, note: Note, work: () => Promise<T>): Promise<T> => {
  const startedAt = performance.now();
  try {
    return await work();
  } catch (error) {
    const ms = Math.round(performance.now() - startedAt);
    if (!(error instanceof UnexpectedAnswer)) note(unanswered(op, ms));
    else if (!isSignedOut(error)) note(failedAnswer(op, error.answer, ms));
    throw error;
  }
};

export const isSignedOut = (error: unknown): boolean =>
  error instanceof UnexpectedAnswer && error.answer.status === 401;
