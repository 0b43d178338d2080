import { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import { type Clock, systemClock } from '@chatapp/resilience/clock';
import { Value } from '@sinclair/typebox/value';
import { t } from 'elysia';
import type { Redis } from 'ioredis';
import { blockingAnswer } from './blocking-answer.ts';
import { parseJson } from './json.ts';
import type { Log } from './log.ts';
import { compileSchema } from './schema.ts';

export interface StreamEntry {
  readonly id: string;
  readonly fields: Record<string, string>;
}

export interface FollowOptions {
  /** A connection of its own (`blocking`): it waits in XREAD. */
  readonly redis: Redis;
  readonly key: string;
  /** The last entry that was dealt with; `$` for "from now on". */
  readonly from: string;
  readonly count?: number;
  readonly blockMs?: number;
  /** Deals with entries in order. A rejection is logged, and the same entries come again after a pause. */
  readonly onEntries: (entries: readonly StreamEntry[]) => Promise<void> | void;
  /** The stream is behind our place: Redis was wiped. Reading begins again at its start. */
  readonly onWiped?: () => Promise<void> | void;
  /** Redis answered, with entries or without: the stream is being read. At least once in `blockMs`. */
  readonly onRead?: () => void;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** How much later than agreed Redis may answer. */
const lateMaxMs = 3000;

/** Reads a stream from a place on, for ever, until the signal aborts. Survives breaks of the connection and a wiped Redis. */
export const followStream = async (options: FollowOptions): Promise<void> => {
  const { redis, key, signal, log, clock = systemClock } = options;
  let place = options.from;
  while (!signal.aborted) {
    try {
      const last = await blockingAnswer(redis, () => lastId(redis, key), { lateMs: lateMaxMs, signal });
      if (place === '$') place = last;
      else if (compareIds(place, last) > 0) {
        await options.onWiped?.();
        place = '0-0';
      }
      // Nothing waits behind our place: no need to sit out a whole block to know that.
      if (compareIds(place, last) === 0) options.onRead?.();
      place = await readOn({ ...options, place, onPlace: (id) => (place = id) });
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error, key }, 'reading a stream failed; trying again');
      await clock.sleep(200, signal).catch(() => undefined);
    }
  }
};

/** Reads until an empty block: then the place is compared with the stream again. */
const readOn = async (options: FollowOptions & { place: string; onPlace: (id: string) => void }): Promise<string> => {
  let { place } = options;
  while (!options.signal.aborted) {
    const { redis, key, count = 500, blockMs = 2000 } = options;
    const read = () => redis.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', key, place);
    const answer = await blockingAnswer(redis, read, { lateMs: blockMs + lateMaxMs, signal: options.signal });
    const entries = toEntries(answer?.[0]?.[1] ?? []);
    const last = entries.at(-1);
    if (last !== undefined) {
      await options.onEntries(entries);
      place = last.id;
      options.onPlace(place);
    }
    options.onRead?.();
    if (last === undefined) return place;
  }
  return place;
};

export const toEntries = (raw: readonly [id: string, fields: string[] | null][]): StreamEntry[] =>
  raw.map(([id, flat]) => ({ id, fields: toFields(flat ?? []) }));

const toFields = (flat: readonly string[]): Record<string, string> => {
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) fields[flat[index] ?? ''] = flat[index + 1] ?? '';
  return fields;
};

/** The id of the stream's newest entry; `0-0` where there is none. */
const lastId = async (redis: Redis, key: string): Promise<string> =>
  (await redis.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0';

/** Orders stream ids (`ms-n`). */
export const compareIds = (left: string, right: string): number => {
  const [leftMs = 0, leftN = 0] = left.split('-').map(Number);
  const [rightMs = 0, rightN = 0] = right.split('-').map(Number);
  return leftMs - rightMs || leftN - rightN;
};

/** Whether an entry is an event of this type, without reading it: JSON has no raw quote inside a text, so nothing else looks like its field. */
export const isOfType = (entry: StreamEntry, type: BusEvent['type']): boolean =>
  entry.fields.event?.includes(`"type":"${type}"`) ?? false;

const checkEvent = compileSchema(BusEvent);

/** What an entry of the event stream says. `unknown`: a type that this version does not have. */
export type ReadEvent =
  | { readonly kind: 'event'; readonly event: BusEvent }
  | { readonly kind: 'unknown' | 'malformed' };

/** Reads an entry as a bus event. Unknown fields are dropped. */
export const readEvent = (entry: StreamEntry): ReadEvent => {
  const content = tryParse(entry.fields.event ?? '');
  const event = Value.Clean(BusEvent, content);
  if (checkEvent.check(event)) return { kind: 'event', event };
  return { kind: checkType.check(content) && !types.has(content.type) ? 'unknown' : 'malformed' };
};

const checkType = compileSchema(t.Object({ type: t.String() }));
const types = new Set<string>(BusEvent.anyOf.map(({ properties }) => properties.type.const));

const tryParse = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** The bus event of an entry; undefined for a type we do not know or a malformed one, which is logged. */
export const toBusEvent = (entry: StreamEntry, log: Log): BusEvent | undefined => {
  const read = readEvent(entry);
  if (read.kind === 'event') return read.event;
  log.warn({ entry: entry.id }, 'an entry of the event stream is not an event that this version knows');
  return undefined;
};

/** Appends events, in order, in one round trip; returns the id of the last entry. */
export const appendEvents = async (redis: Redis, events: readonly BusEvent[]): Promise<string | undefined> => {
  const pipeline = redis.pipeline();
  for (const event of events) pipeline.xadd(eventsKey, '*', 'event', JSON.stringify(event));
  const results = (await pipeline.exec()) ?? [];
  const failed = results.find(([error]) => error)?.[0];
  if (failed) throw failed;
  return results.at(-1)?.[1] as string | undefined;
};
