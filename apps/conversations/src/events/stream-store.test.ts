import { describe, expect, it } from 'bun:test';
import { eventsKey } from '@chatapp/contract/shard';
import { redisKinds } from '../../../../dev/testing/redis.ts';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { trimStream } from './stream-store.ts';

describe.each(redisKinds())('trimStream (%s)', (kind) => {
  const redis = redisForTests(kind);

  it('S48: forgets every entry that is older, though younger ones lie in the same node of the stream', async () => {
    for (const id of ['1000-0', '1999-9', '2000-0', '2001-0']) await redis.client.xadd(eventsKey, id, 'event', id);
    await trimStream(redis.client, new Date(2000));
    expect((await redis.client.xrange(eventsKey, '-', '+')).map(([id]) => id)).toEqual(['2000-0', '2001-0']);
  });
});
