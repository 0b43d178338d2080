import type { Access } from '@chatapp/contract/http-conversations';
import type { Clock } from '@chatapp/resilience/clock';
import { ProblemError } from '@chatapp/service/problem';

export interface AccessOptions {
  /** Asks conversations; null where there is no access. Rejects with a ProblemError where it cannot be known. */
  readonly ask: (conversationId: string, userId: string) => Promise<Access | null>;
  /** Whether bus events are being read: else nobody would tell us of a removal, and nothing cached is believed. */
  readonly isReading: () => boolean;
  readonly clock: Clock;
  readonly cacheMs: number;
}

export interface AccessCheck {
  /** What is known now, without asking; undefined: ask. */
  cached(conversationId: string, userId: string): Access | null | undefined;
  /** Null: none. Rejects with a ProblemError where it cannot be known: callers fail closed. */
  of(conversationId: string, userId: string): Promise<Access | null>;
  /** Takes what a list of memberships or an event told. Null: none. */
  learn(conversationId: string, userId: string, access: Access | null): void;
  /** Drops what is cached, so that the next caller asks. */
  forget(conversationId: string, userId: string): void;
  /** The same for everybody in a conversation. */
  forgetAll(conversationId: string): void;
  /** An event changed who may do what: for a minute no lower version is believed. */
  floor(conversationId: string, version: number): void;
  /** Drops everything. */
  clear(): void;
}

const absenceMs = 3000;
const floorMs = 60_000;
const askedMax = 4;
const keptMax = 100_000;

interface Kept {
  readonly access: Access | null;
  readonly until: number;
}

/**
 * Access of persons to conversations: cached, one question in flight each, corrected by events. Holds up to 100 000 answers and forgets the
 * oldest; an answer that was asked for before an event came is asked for again.
 */
export const createAccess = (options: AccessOptions): AccessCheck => {
  const { clock } = options;
  const kept = new Map<string, Kept>();
  const floors = new Map<string, { version: number; until: number }>();
  const flights = new Map<string, Promise<Access | null>>();

  const floorOf = (conversationId: string): number => {
    const floor = floors.get(conversationId);
    return floor && floor.until > clock.now() ? floor.version : 0;
  };

  const keep = (key: string, access: Access | null) => {
    if (!options.isReading()) return;
    kept.delete(key);
    kept.set(key, { access, until: clock.now() + (access === null ? absenceMs : options.cacheMs) });
    trim(kept);
  };

  const ask = async (conversationId: string, userId: string): Promise<Access | null> => {
    const key = keyOf(conversationId, userId);
    for (let asked = 1; asked <= askedMax; asked++) {
      const before = floorOf(conversationId);
      const access = await options.ask(conversationId, userId);
      const floor = floorOf(conversationId);
      if (floor === before && (access === null || access.version >= floor)) {
        keep(key, access);
        return access;
      }
      await clock.sleep(25 * asked);
    }
    throw new ProblemError('unavailable', { retryAfterMs: 1000 });
  };

  const cached = (conversationId: string, userId: string): Access | null | undefined => {
    const entry = kept.get(keyOf(conversationId, userId));
    return entry !== undefined && entry.until > clock.now() && options.isReading() ? entry.access : undefined;
  };

  return {
    cached,
    async of(conversationId, userId) {
      const known = cached(conversationId, userId);
      if (known !== undefined) return known;
      const key = keyOf(conversationId, userId);
      const flight = flights.get(key) ?? ask(conversationId, userId).finally(() => flights.delete(key));
      flights.set(key, flight);
      return await flight;
    },
    learn(conversationId, userId, access) {
      if (access !== null && access.version < floorOf(conversationId)) return;
      keep(keyOf(conversationId, userId), access);
    },
    forget: (conversationId, userId) => {
      kept.delete(keyOf(conversationId, userId));
    },
    forgetAll(conversationId) {
      const prefix = keyOf(conversationId, '');
      for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key);
    },
    floor(conversationId, version) {
      const highest = Math.max(version, floorOf(conversationId));
      floors.delete(conversationId);
      floors.set(conversationId, { version: highest, until: clock.now() + floorMs });
      trim(floors);
    },
    clear: () => kept.clear(),
  };
};

const keyOf = (conversationId: string, userId: string): string => `${conversationId} ${userId}`;

/** Forgets the oldest entry of a map that has grown too big. */
const trim = (map: Map<string, unknown>): void => {
  if (map.size <= keptMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
};
