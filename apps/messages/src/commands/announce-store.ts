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

/** Tells once in ten seconds, over all instances, that a conversation was written in. */
export const tellActive = async (redis: Redis, conversationId: string, at: Date): Promise<void> => {
  const first = await redis.set(`lease:active:${conversationId}`, '1', 'PX', activeIntervalMs, 'NX');
  if (first === null) return;
  await appendEvents(redis, [
    {
      id: crypto.randomUUID(),
      type: 'conversation.active',
      v: 1,
      at: at.toISOString(),
      actor: null,
      conversationId,
      version: null,
      data: { lastActivityAt: at.toISOString() },
      traceparent: null,
    },
  ]);
};
