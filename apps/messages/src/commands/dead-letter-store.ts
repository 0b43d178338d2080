import { limits } from '@chatapp/contract/limits';
import { toEntries } from '@chatapp/service/event-stream';
import type { Redis } from 'ioredis';

/** Streams of what could not be saved: commands, and what bus events ask for. */
export const deadStreams = { commands: 'dead:commands', events: 'dead:events' } as const;
export type DeadStream = keyof typeof deadStreams;

export interface DeadLetter {
  readonly stream: DeadStream;
  /** Given by Redis. */
  readonly id: string;
  readonly reason: string;
  /** JSON: a command, a note, or the fields of an entry that could not be read; of more than a frame holds only the beginning. */
  readonly payload: string;
  readonly at: string;
}

// Enough to look at; a flood of poison must not fill Redis.
const keptMax = 10_000;

/** What is longer than any frame or body cannot be replayed; its beginning shows what it was. */
const payloadMax = limits.frameBytesMax;
const shortened = (payload: string): string =>
  payload.length <= payloadMax ? payload : `${payload.slice(0, payloadMax)}… (${payload.length} characters)`;

/** Sets aside what cannot be saved. */
export type BuryLetter = (stream: DeadStream, letter: Pick<DeadLetter, 'reason' | 'payload'>) => Promise<void>;

export const buryIn = async (
  redis: Redis,
  stream: DeadStream,
  { reason, payload, at }: Pick<DeadLetter, 'reason' | 'payload' | 'at'>,
): Promise<void> => {
  const fields = ['reason', reason, 'payload', shortened(payload), 'at', at];
  await redis.xadd(deadStreams[stream], 'MAXLEN', '~', keptMax, '*', ...fields);
};

export const listDead = async (redis: Redis, stream: DeadStream): Promise<DeadLetter[]> =>
  toEntries(await redis.xrange(deadStreams[stream], '-', '+')).map(({ id, fields }) => ({
    stream,
    id,
    reason: fields.reason ?? '',
    payload: fields.payload ?? '',
    at: fields.at ?? '',
  }));

export const dropDead = (redis: Redis, stream: DeadStream, id: string): Promise<number> =>
  redis.xdel(deadStreams[stream], id);
