import { problemCodes, problems } from '@chatapp/contract/problem';
import type { HistoryEvent } from './history.ts';
import type { Answer } from './person.ts';

/** What a history says of an attempt that came to nothing. */
export type FailedRequest = Omit<Extract<HistoryEvent, { k: 'error' }>, 'at' | 'who'>;

/** Of an answer that is no success. An `op` over HTTP begins with `HTTP `. */
export const failedAnswer = (op: string, { status, body, headers }: Answer<unknown>, ms: number): FailedRequest => {
  const code = (body as { code?: string } | undefined)?.code ?? `status-${status}`;
  const seconds = headers.get('retry-after');
  const wait = seconds === null ? {} : { retryAfterMs: Number(seconds) * 1000 };
  return { k: 'error', op, status, code, ms, ...wait };
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
