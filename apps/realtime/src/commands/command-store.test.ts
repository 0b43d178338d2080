import { describe, expect, it } from 'bun:test';
import type { Command } from '@chatapp/contract/commands';
import { commandsKey } from '@chatapp/contract/shard';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { redisKinds } from '../../../../dev/testing/redis.ts';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { createCommandStore } from './command-store.ts';

const command = (seq: number): Command => ({
  ...{ op: 'read', conversationId: crypto.randomUUID(), actorId: crypto.randomUUID(), clientId: crypto.randomUUID() },
  ...{ at: 1, role: 'member', version: 1, origin: null, seq, markedUnread: null },
});

describe.each(redisKinds())('createCommandStore, Redis: %s', (kind) => {
  const redis = redisForTests(kind);
  let shard = 0;

  const failed: unknown[] = [];
  const noteFailure = (error: unknown) => void failed.push(error);
  /** The commands of each entry of a shard's stream, by the seq that they were given. */
  const entries = async (of: number): Promise<number[][]> =>
    (await redis.client.xrange(commandsKey(of), '-', '+')).map(([, fields]) =>
      (JSON.parse(fields[3] ?? '[]') as { seq: number }[]).map(({ seq }) => seq),
    );
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

  it('puts the commands of a turn into one entry a shard, in order, at most a hundred in each', async () => {
    const store = createCommandStore(redis.client);
    const [one, other] = [++shard, ++shard];
    for (const seq of range(0, 120)) store.add(one, command(seq), noteFailure);
    store.add(other, command(7), noteFailure);
    await eventually(async () => (await entries(one)).length === 2 && (await entries(other)).length === 1);
    expect(await entries(one)).toEqual([range(0, 100), range(100, 120)]);
    expect(await entries(other)).toEqual([[7]]);
    expect(failed).toEqual([]);
  });

  it('gathers what comes while Redis takes what was before, and keeps the order', async () => {
    const store = createCommandStore(redis.client);
    const mine = ++shard;
    store.add(mine, command(0), noteFailure);
    // The first is on its way; the others come in turns of their own.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (const seq of range(1, 4)) {
      store.add(mine, command(seq), noteFailure);
      await Promise.resolve();
    }
    await store.settled();
    expect(await entries(mine)).toEqual([[0], [1, 2, 3]]);
  });

  it('says which commands could not be added, and has settled all of them then', async () => {
    const broken = connectRedis({ url: redis.url, role: 'commands', log: silentLog() });
    await redisReady(broken);
    const store = createCommandStore(broken);
    broken.disconnect();
    const refused: number[] = [];
    for (const seq of range(0, 3)) store.add(1, command(seq), () => void refused.push(seq));
    await store.settled();
    expect(refused).toEqual([0, 1, 2]);
  });
});
