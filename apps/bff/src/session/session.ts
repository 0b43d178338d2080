import type { Me } from '@chatapp/contract/shapes';

/** What the issuer gave. Instants in milliseconds since the epoch. */
export interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresAt: number;
  /** From here on the access token is renewed, somewhat before its end and not for all sessions at once. */
  readonly refreshAt: number;
  readonly refreshToken: string | null;
  readonly idToken: string;
}

/** The sealed part of a session: nobody reads it without the cookie. `me` is the person as the directory had them last; `createdAt` is null until it knows them. */
export interface SealedPart {
  readonly tokens: Tokens;
  readonly me: Me;
}

/** The open part: what must be known without the cookie, to list and to end sessions. */
export interface OpenPart {
  readonly userId: string;
  /** The alias of the issuer that vouches for the person; the main one's where there is none. */
  readonly issuer?: string | undefined;
  readonly startedAt: number;
  /** The session ends here at the latest, however busy it is. */
  readonly endsAt: number;
  readonly userAgent: string;
  /** Hash of the issuer's `sid`, by which back-channel logout finds the session. */
  readonly issuerSid: string | null;
}

export type Session = OpenPart & SealedPart;

export type EndReason =
  | 'logout'
  | 'backchannel-logout'
  | 'ended-elsewhere'
  | 'ended-everywhere'
  | 'ended-by-machine'
  | 'signed-in-again'
  | 'refresh-refused'
  /** By itself: it was idle for too long, or too old. */
  | 'expired';

export interface SessionEnd {
  readonly sid: string;
  readonly userId: string;
  readonly reason: EndReason;
}

export interface Lifetimes {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/**
 * When a session ends unless it is used again: for its idleness, or for its age, however much it is used; at the times of which it was told when it began, or
 * sooner where sessions have been made shorter since.
 */
export const endOf = (
  { startedAt, endsAt }: Pick<OpenPart, 'startedAt' | 'endsAt'>,
  usedAt: number,
  { idleMs, absoluteMs }: Lifetimes,
): number => Math.min(usedAt + idleMs, endsAt, startedAt + absoluteMs);

const unnotedMs = 500;

/**
 * Noting a use costs a write, so one within half a second of the one before is not noted (of an idle time below 30 s, within a sixtieth of it): with what
 * requests of one moment share, a session ends less than a second before its idle time is over.
 */
export const isWorthNoting = (usedAt: number, now: number, { idleMs }: Lifetimes): boolean =>
  now - usedAt >= Math.min(unnotedMs, idleMs / 60);
