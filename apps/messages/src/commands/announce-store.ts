import type { BusEventOf } from '@chatapp/contract/events';
import { appendEvents } from '@chatapp/service/event-stream';
import type { Redis } from 'ioredis';
import type { Announcement } from './announcement.ts';

/** Publishes in one round trip, in order. Rejects unless Redis took all of them; repeating is harmless. */
export const publishAll = async (redis: Redis, announcements: readonly Announcement[]): Promise<void> => {
  const pipeline = redis.pipeline();
  for (const { channel, payload } of announcements) pipeline.publish(channel, payload);
  const results = await pipeline.exec();
  const failed = results?.find(([error]) => error)?.[0];
  if (failed) throw failed;
};

export const activeIntervalMs = 10_000;

/** Tells that conversations were written in, with the instant of each, in two round trips: of each once in ten seconds, over all instances. */
export const tellActive = async (redis: Redis, active: ReadonlyMap<string, Date>): Promise<void> => {
  const firsts = redis.pipeline();
  for (const id of active.keys()) firsts.set(`lease:active:${id}`, '1', 'PX', activeIntervalMs, 'NX');
  const isFirst = (await firsts.exec()) ?? [];
  const events = [...active].filter((_, at) => isFirst[at]?.[1] === 'OK').map(([id, at]) => activeEvent(id, at));
  if (events.length > 0) await appendEvents(redis, events);
};

const activeEvent = (conversationId: string, at: Date): BusEventOf<'conversation.active'> => ({
  id: crypto.randomUUID(),
  type: 'conversation.active',
  v: 1,
  at: at.toISOString(),
  actor: null,
  conversationId,
  version: null,
  data: { lastActivityAt: at.toISOString() },
  traceparent: null,
});
