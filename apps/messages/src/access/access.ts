import type { BusEvent } from '@chatapp/contract/events';
import type { Access } from '@chatapp/contract/http-conversations';
import { ProblemError } from '@chatapp/service/problem';
import { keyOf } from '../commands/task.ts';

export interface AccessOptions {
  /** Asks conversations; undefined where the person has no access. Rejects where that cannot be known. */
  readonly ask: (conversationId: string, userId: string) => Promise<Access | undefined>;
  /** Whether the bus events are being read: else nobody would drop what changed, and nothing is kept. */
  readonly readsEvents: () => boolean;
  /** Ms, monotonic. */
  readonly now: () => number;
  readonly keepMs: number;
}

export interface AccessCache {
  /** The person's access, at most `keepMs` old (absence: 3 s) and never older than an event that was read; throws `unavailable` where that cannot be had. */
  of(conversationId: string, userId: string): Promise<Access | undefined>;
  /** The same, asked afresh. */
  fresh(conversationId: string, userId: string): Promise<Access | undefined>;
  /** An event that may have changed access. */
  observe(event: BusEvent): void;
  forgetAll(): void;
}

interface Kept {
  readonly access: Access | undefined;
  readonly endsAt: number;
}

interface Floor {
  readonly version: number;
  readonly endsAt: number;
}

const absenceMs = 3000;
const floorMs = 60_000;
/** Beyond these the answers are forgotten and asked for again. */
const keptMax = 100_000;
/** Beyond these the oldest are forgotten before their minute is over. */
const floorsMax = 100_000;
const asksMax = 3;

/**
 * Keeps answers about access. An event about a conversation drops what is kept of it and leaves its version as a floor: an answer from
 * below it, or an absence asked for before the event came, is asked for again and never kept; where it stays below, nothing is answered.
 */
export const createAccessCache = ({ ask, readsEvents, now, keepMs }: AccessOptions): AccessCache => {
  const kept = new Map<string, Map<string, Kept>>();
  const floors = new Map<string, Floor>();
  const flights = new Map<string, Promise<Access | undefined>>();
  let size = 0;

  const floorOf = (conversationId: string): number => {
    const floor = floors.get(conversationId);
    return floor && floor.endsAt > now() ? floor.version : 0;
  };

  const raiseFloor = (conversationId: string, to: number) => {
    const version = Math.max(to, floorOf(conversationId));
    // Last, so that those in front end first.
    floors.delete(conversationId);
    floors.set(conversationId, { version, endsAt: now() + floorMs });
    for (const [id, { endsAt }] of floors) {
      if (endsAt > now() && floors.size <= floorsMax) break;
      floors.delete(id);
    }
  };

  const drop = (conversationId: string) => {
    size -= kept.get(conversationId)?.size ?? 0;
    kept.delete(conversationId);
  };

  const keep = (conversationId: string, userId: string, access: Access | undefined) => {
    if (!readsEvents() || keepMs === 0) return;
    if (size >= keptMax) {
      kept.clear();
      size = 0;
    }
    const ofConversation = kept.get(conversationId) ?? new Map<string, Kept>();
    kept.set(conversationId, ofConversation);
    if (!ofConversation.has(userId)) size++;
    ofConversation.set(userId, { access, endsAt: now() + (access ? keepMs : Math.min(absenceMs, keepMs)) });
  };

  const askUntilKnown = async (conversationId: string, userId: string) => {
    for (let attempt = 1; attempt <= asksMax; attempt++) {
      const before = floorOf(conversationId);
      const access = await ask(conversationId, userId);
      const floor = floorOf(conversationId);
      // Absence has no version: it may be from before whatever came meanwhile.
      const isOld = access ? access.version < floor : floor !== before;
      if (isOld) continue;
      keep(conversationId, userId, access);
      return access;
    }
    // Behind the event time and again: what it took from the person must not be theirs once more.
    throw new ProblemError('unavailable', { retryAfterMs: 1000 });
  };

  const fresh = (conversationId: string, userId: string) => {
    const key = keyOf(conversationId, userId);
    const known = flights.get(key);
    if (known) return known;
    const flight = askUntilKnown(conversationId, userId).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };

  return {
    async of(conversationId, userId) {
      const found = kept.get(conversationId)?.get(userId);
      if (found && found.endsAt > now() && readsEvents()) return found.access;
      return await fresh(conversationId, userId);
    },
    fresh,
    observe(event) {
      if (event.conversationId === null || event.type === 'conversation.active') return;
      if (!/^(member|conversation)\./.test(event.type)) return;
      drop(event.conversationId);
      if (event.version !== null) raiseFloor(event.conversationId, event.version);
    },
    forgetAll() {
      kept.clear();
      size = 0;
    },
  };
};
