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
 * Access of persons to conversations: cached, one question in flight each, corrected by events. Holds up to 100 000 answers and forgets those
 * of the conversation that was longest left alone; an answer that was asked for before an event came is asked for again.
 */
export const createAccess = (options: AccessOptions): AccessCheck => {
  const { clock } = options;
  /** By conversation and person: a conversation of many is forgotten without a look at all others. */
  const kept = new Map<string, Map<string, Kept>>();
  let size = 0;
  const floors = new Map<string, { version: number; until: number }>();
  const flights = new Map<string, Promise<Access | null>>();

  const floorOf = (conversationId: string): number => {
    const floor = floors.get(conversationId);
    return floor && floor.until > clock.now() ? floor.version : 0;
  };

  const forgetAll = (conversationId: string) => {
    size -= kept.get(conversationId)?.size ?? 0;
    kept.delete(conversationId);
  };

  const keep = (conversationId: string, userId: string, access: Access | null) => {
    if (!options.isReading()) return;
    const answers = kept.get(conversationId) ?? new Map<string, Kept>();
    kept.delete(conversationId);
    kept.set(conversationId, answers);
    if (!answers.has(userId)) size++;
    answers.set(userId, { access, until: clock.now() + (access === null ? absenceMs : options.cacheMs) });
    if (size > keptMax) forgetAll(oldestOf(kept));
  };

  const ask = async (conversationId: string, userId: string): Promise<Access | null> => {
    for (let asked = 1; asked <= askedMax; asked++) {
      const before = floorOf(conversationId);
      const access = await options.ask(conversationId, userId);
      const floor = floorOf(conversationId);
      if (floor === before && (access === null || access.version >= floor)) {
        keep(conversationId, userId, access);
        return access;
      }
      await clock.sleep(25 * asked);
    }
    throw new ProblemError('unavailable', { retryAfterMs: 1000 });
  };

  const cached = (conversationId: string, userId: string): Access | null | undefined => {
    const entry = kept.get(conversationId)?.get(userId);
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
      keep(conversationId, userId, access);
    },
    forget(conversationId, userId) {
      const answers = kept.get(conversationId);
      if (!answers?.delete(userId)) return;
      size--;
      if (answers.size === 0) kept.delete(conversationId);
    },
    forgetAll,
    floor(conversationId, version) {
      const highest = Math.max(version, floorOf(conversationId));
      floors.delete(conversationId);
      floors.set(conversationId, { version: highest, until: clock.now() + floorMs });
      if (floors.size > keptMax) floors.delete(oldestOf(floors));
    },
    clear() {
      kept.clear();
      size = 0;
    },
  };
};

const keyOf = (conversationId: string, userId: string): string => `${conversationId} ${userId}`;

/** The key that was set first; '' where there is none. */
const oldestOf = (map: ReadonlyMap<string, unknown>): string => map.keys().next().value ?? '';
