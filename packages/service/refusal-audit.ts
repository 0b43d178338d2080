import type { ProblemCode } from '@chatapp/contract/problem';
import type { Log } from './log.ts';

export interface Refusal {
  readonly code: ProblemCode;
  readonly requestId: string;
  /** `GET /conversations/:id`: as the router writes it, never what a caller wrote. */
  readonly route: string;
  /** The id of the person or the client whose token was good. */
  readonly by: string | undefined;
}

/** What an audit log calls a refusal; undefined where it is no matter of rights. */
const eventOf = (code: ProblemCode): 'token.refused' | 'access.refused' | 'rate-limited' | undefined => {
  switch (code) {
    case 'token-invalid':
    case 'scope':
      return 'token.refused';
    case 'forbidden':
    case 'banned':
    case 'origin':
    case 'invitation-not-for-you':
      return 'access.refused';
    case 'rate-limited':
      return 'rate-limited';
    default:
      return undefined;
  }
};

const windowMs = 1000;

/**
 * Writes down who was refused what: one JSON line with `audit` for its name, whatever LOG_LEVEL says. The first of a kind is written at once; what is alike
 * within the second after it is one more line with their `count`, for the log must not be what a flood fills.
 */
export const createRefusalAudit = (log: Log): ((refusal: Refusal) => void) => {
  const lines = log.child({}, { level: 'info' });
  const alike = new Map<string, { readonly line: object; count: number }>();

  const flush = (): void => {
    for (const { line, count } of alike.values()) if (count > 0) lines.info({ ...line, count }, 'refused again');
    alike.clear();
  };

  return ({ code, requestId, route, by }) => {
    const event = eventOf(code);
    if (event === undefined) return;
    const line = { audit: event, code, route, by };
    const kind = JSON.stringify(line);
    const known = alike.get(kind);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if (alike.size === 0) setTimeout(flush, windowMs);
    alike.set(kind, { line, count: 0 });
    lines.info({ ...line, requestId }, event);
  };
};
