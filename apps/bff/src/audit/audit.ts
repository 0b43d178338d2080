import type { ProblemCode } from '@chatapp/contract/problem';
import type { Log } from '@chatapp/service/log';
import type { LabelledMeter } from '@chatapp/service/meters';
import { requestIdOf } from '@chatapp/service/service-app';
import type { Callers } from '../access/address.ts';
import type { EndReason } from '../session/session.ts';

/** What is written down of who did what. A session stands as a hash of its public name, which leads to no cookie and ends nothing. */
export type AuditEntry =
  | { readonly event: 'login.succeeded'; readonly userId: string; readonly session: string; readonly issuer: string }
  | { readonly event: 'login.refused'; readonly reason: string }
  | {
      readonly event: 'session.ended';
      readonly userId: string;
      readonly session: string;
      readonly reason: EndReason;
      /** The machine that asked for it. */
      readonly by?: string;
    }
  | {
      readonly event: 'sessions.ended-by-machine';
      readonly userId: string;
      readonly by: string;
      readonly count: number;
    }
  | { readonly event: 'backchannel-logout.accepted'; readonly issuer: string; readonly count: number }
  | { readonly event: 'backchannel-logout.refused' }
  | { readonly event: 'refresh.refused'; readonly userId: string; readonly session: string }
  | { readonly event: 'token.refused'; readonly code: ProblemCode; readonly route: string }
  | { readonly event: 'access.refused'; readonly code: ProblemCode; readonly route: string }
  | { readonly event: 'rate-limited'; readonly limit: string };

/** `request`: whose doing it was, where a request is at hand. */
export type Audit = (entry: AuditEntry, request?: Request) => void;

/**
 * The audit log: one JSON line an event on standard output, with `audit` for its name, UTC, the request's id and the caller's address. No tokens, no
 * texts, no cookies; whatever a caller wrote is a JSON string, so that no line can be forged. It is written whatever LOG_LEVEL says.
 */
export const createAudit = (log: Log, callers: Callers, events: LabelledMeter): Audit => {
  const lines = log.child({}, { level: 'info' });
  return ({ event, ...facts }, request) => {
    events.add(event);
    const caller = request && { requestId: requestIdOf(request), address: callers.addressOf(request) };
    lines.info({ audit: event, ...caller, ...facts }, event);
  };
};

/** How logs name a session. */
export const sessionName = (sid: string): string =>
  new Bun.CryptoHasher('sha256').update(`session ${sid}`).digest('hex').slice(0, 16);
