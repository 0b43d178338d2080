import { limits } from '@chatapp/contract/limits';
import { bearerToken } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import type { TokenVerifier } from '@chatapp/service/token-verifier';
import type { Sessions } from '../sessions/sessions.ts';
import { acceptsOrigin } from './origin.ts';
import type { People } from './people.ts';
import type { TakeTicket } from './ticket-store.ts';

export interface AdmitOptions {
  readonly origins: readonly string[];
  readonly apiAudience: string;
  readonly verify: TokenVerifier;
  /** Rejects when Redis does not answer. */
  readonly takeTicket: TakeTicket;
  readonly people: People;
  /** How many sockets a person has on other nodes. Rejects when Redis does not answer. */
  readonly socketsElsewhere: (userId: string) => Promise<number>;
  readonly sessions: Sessions;
  readonly isDraining: () => boolean;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** Who may open a socket, and until when. `sid` null: by an access token. */
export interface Admission {
  readonly userId: string;
  readonly sid: string | null;
  readonly expiresAt: number;
}

/**
 * Whether a handshake may become a socket; throws the ProblemError that it gets otherwise, before any upgrade. Needs Redis or the issuer's
 * keys, nothing else: while conversations or messages are down people still connect.
 */
export const admit = async (request: Request, options: AdmitOptions): Promise<Admission> => {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    throw new ProblemError('malformed', { detail: 'This is a WebSocket.' });
  }
  if (!acceptsOrigin(request.headers.get('origin'), options.origins)) throw new ProblemError('origin');
  refuseWhileDraining(options);
  const admission = await identify(request, options);
  // Without Redis each node counts for itself.
  const elsewhere = await options.socketsElsewhere(admission.userId).catch(() => 0);
  // From here on nothing is waited for: what is true now is true when the socket counts.
  refuseWhileDraining(options);
  if (isOver(admission, options)) throw new ProblemError('signed-out');
  const here = options.people.person(admission.userId)?.connections.length ?? 0;
  if (here + elsewhere >= limits.socketsPerPersonMax) {
    throw new ProblemError('rate-limited', {
      detail: 'Too many open connections.',
      retryAfterMs: 5000,
      policy: { name: 'sockets', limit: limits.socketsPerPersonMax },
    });
  }
  return admission;
};

const refuseWhileDraining = ({ isDraining }: AdmitOptions): void => {
  if (isDraining()) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
};

const isOver = ({ sid, expiresAt }: Admission, { sessions, now }: AdmitOptions): boolean =>
  expiresAt <= now() || (sid !== null && sessions.hasEnded(sid, now()));

const identify = async (request: Request, options: AdmitOptions): Promise<Admission> => {
  const ticket = new URL(request.url).searchParams.get('ticket');
  if (ticket !== null) return await byTicket(ticket, options);
  const token = bearerToken(request);
  if (token === undefined) throw new ProblemError('token-invalid', { detail: 'Send a ticket, or a token as Bearer.' });
  const principal = await options.verify(token);
  // As at the routes of people: a machine is never taken for a person, whatever its audience (RFC 9700 §4.15).
  if (principal.kind !== 'user') throw new ProblemError('forbidden');
  if (!principal.audiences.includes(options.apiAudience)) throw new ProblemError('token-invalid');
  return { userId: principal.id, sid: null, expiresAt: principal.expiresAt * 1000 };
};

const byTicket = async (ticket: string, options: AdmitOptions): Promise<Admission> => {
  if (!/^[\w-]{16,256}$/.test(ticket)) throw new ProblemError('token-invalid');
  const grant = await options.takeTicket(ticket).catch((cause) => {
    throw new ProblemError('unavailable', { retryAfterMs: 1000, cause });
  });
  if (grant === undefined) throw new ProblemError('token-invalid', { detail: 'The ticket was used or is too old.' });
  return { userId: grant.userId, sid: grant.sid, expiresAt: Date.parse(grant.sessionExpiresAt) };
};
