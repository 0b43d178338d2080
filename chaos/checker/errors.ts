import { problems } from '@chatapp/contract/problem';
import { handshakeOp } from '../../dev/testing/failed-request.ts';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { ClientHistory, Evidence, Violation } from './evidence.ts';
import { violation } from './stored.ts';

/** The close codes of protocol.md, and those of the platform and of a relay whose other side is gone. */
const closeCodes = new Set([1000, 1001, 1006, 1007, 1009, 1011, 1012, 4001, 4003, 4010, 4012, 4029, 4501, 4503, 4510]);

export interface ErrorOptions {
  /** No answer may come later than its request's deadline, ms. */
  readonly requestMsMax: number;
  /** Nor may anybody find out later that none comes; with what the network of the fault adds, ms. */
  readonly unansweredMsMax: number;
}

/** I9: only documented errors, with `Retry-After` where they promise it; never a 500; no request over its deadline. */
export const documented = ({ clients }: Evidence, options: ErrorOptions): Violation[] =>
  clients.flatMap((client) => [...client.events.flatMap((event) => fault(event, options)), ...falseRefusals(client)]);

/** A member whose session lives may write: to be refused for good is to be told that a message failed which had no reason to. */
const falseRefusals = ({ events }: ClientHistory): Violation[] => {
  const mine = new Set<string>();
  return events.flatMap((event) => {
    if (event.k === 'joined') mine.add(event.c);
    if (event.k === 'left') mine.delete(event.c);
    const refused = event.k === 'refused' && mine.has(event.c);
    return refused ? violation('I9', `a member was refused: ${event.code}`, event) : [];
  });
};

const fault = (event: HistoryEvent, options: ErrorOptions): Violation[] => {
  if (event.k === 'closed' && !closeCodes.has(event.code))
    return violation('I9', `closed with the undocumented code ${event.code}`, event);
  if (event.k === 'refused' && !(event.code in problems))
    return violation('I9', `undocumented code ${event.code}`, event);
  const late = lateMs(event, options);
  if (late !== undefined) return violation('I9', `a request took ${late} ms`, event);
  if (event.k !== 'error') return [];
  // No answer at all: the connection was cut, which no server can document.
  if (event.status === 0) return [];
  if (event.status === 500 || event.code === 'internal') return violation('I9', 'an internal error', event);
  if (!(event.code in problems)) return violation('I9', `undocumented answer ${event.status} ${event.code}`, event);
  // The headers of a handshake's answer are not shown to who opens a socket.
  if (event.op === handshakeOp) return [];
  if ((event.status === 503 || event.status === 429) && event.retryAfterMs === undefined)
    return violation('I9', `${event.status} without Retry-After`, event);
  return [];
};

/** How long it took, where that is too long. */
const lateMs = (event: HistoryEvent, { requestMsMax, unansweredMsMax }: ErrorOptions): number | undefined => {
  if (!('ms' in event) || event.ms === undefined) return undefined;
  const isAnswered = event.k !== 'error' || event.status > 0;
  return event.ms > (isAnswered ? requestMsMax : unansweredMsMax) ? event.ms : undefined;
};
