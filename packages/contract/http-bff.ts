import { type Static, t } from 'elysia';
import { Id, Instant } from './ids.ts';
import { Me } from './shapes.ts';

/** The header in which a page says which person it is of: all tabs of a browser share one cookie. */
export const pageUserHeader = 'Page-User';
export type PageUserHeader = typeof pageUserHeader;

/** Answers of the BFF's own routes. */

export const SignedInUser = t.Object({ user: Me, sessionExpiresAt: Instant, logoutUrl: t.String() });
export type SignedInUser = Static<typeof SignedInUser>;

/** `url` is a WebSocket address; the browser opens `${url}?ticket=${ticket}` once, before `expiresAt`. */
export const RealtimeTicket = t.Object({ url: t.String(), ticket: t.String(), expiresAt: Instant });
export type RealtimeTicket = Static<typeof RealtimeTicket>;

/** `GET /bff/sessions`: where somebody is signed in; `current` is the browser that asks. */
export const Device = t.Object({
  id: t.String(),
  current: t.Boolean(),
  userAgent: t.String(),
  startedAt: Instant,
  lastSeenAt: Instant,
  expiresAt: Instant,
});
export type Device = Static<typeof Device>;

/** What the BFF leaves in Redis for the realtime service under `ticketKey(ticket)`, as JSON, for 30 s; read once with GETDEL. */
export const TicketGrant = t.Object({ userId: Id, sid: t.String(), sessionExpiresAt: Instant });
export type TicketGrant = Static<typeof TicketGrant>;

/** The Redis key of a ticket: tickets are stored hashed, so a dump of Redis opens no socket. */
export const ticketKey = (ticket: string): string =>
  `ticket:${new Bun.CryptoHasher('sha256').update(ticket).digest('hex')}`;

/** `POST /internal/sessions`: of the asked sessions those that live. */
export const SessionsRequest = t.Object(
  { sids: t.Array(t.String({ minLength: 1, maxLength: 200 }), { maxItems: 1000 }) },
  { additionalProperties: false },
);
export const LiveSessions = t.Object({ items: t.Array(t.Object({ sid: t.String(), expiresAt: Instant })) });
export type LiveSessions = Static<typeof LiveSessions>;
