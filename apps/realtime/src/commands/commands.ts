import type { Clock } from '@chatapp/resilience/clock';
import type { Redis } from 'ioredis';
import type { AccessCheck } from '../access/access.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { createCommandStore, readShardState } from './command-store.ts';
import { createPutCommand } from './put-command.ts';
import { createRate } from './rate.ts';
import { addToCounts } from './rate-store.ts';
import { createShardWatch } from './shard-watch.ts';
import type { Waiting } from './waiting.ts';

/** How commands leave a node: the road to the streams, with what limits it and what watches its other end. */
export const createCommands = (options: {
  readonly redis: Redis;
  readonly nodeId: string;
  readonly shards: number;
  readonly commandsPerMinute: number;
  readonly conversationCommandsPerMinute: number;
  readonly access: AccessCheck;
  readonly sessions: Sessions;
  readonly waiting: Waiting;
  readonly clock: Clock;
}) => {
  const { redis, nodeId, shards, access, sessions, waiting, clock } = options;
  const store = createCommandStore(redis);
  const watch = createShardWatch({ read: (shard) => readShardState(redis, shard), now: clock.now });
  const rateOf = (name: 'person' | 'conversation', perMinute: number) =>
    createRate({
      ...{ perMinute, now: clock.now },
      addToCounts: (minute, counts) => addToCounts(redis, { name, minute }, counts),
    });
  const rates = {
    person: rateOf('person', options.commandsPerMinute),
    conversation: rateOf('conversation', options.conversationCommandsPerMinute),
  };
  const newId = () => crypto.randomUUID();
  return {
    put: createPutCommand({
      ...{ nodeId, shards, access, sessions, rates, waiting, store, watch, newId },
      now: Date.now,
    }),
    /** A few times a second. */
    async reportRates() {
      await Promise.all([rates.person.report(), rates.conversation.report()]);
    },
    /** Every second. */
    lookAtShards: watch.look,
    settled: store.settled,
  };
};
