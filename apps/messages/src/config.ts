import {
  clientSettings,
  databaseSettings,
  issuerSettings,
  listenSettings,
  redisSettings,
  serviceUrlSettings,
  shardSettings,
} from '@chatapp/service/common-settings';
import { integer, oneOf } from '@chatapp/service/config';
import { failpoints } from './failpoint.ts';

/** Every variable of the environment that messages reads. */
export const settings = {
  ...listenSettings(3002),
  ...redisSettings,
  ...databaseSettings,
  ...issuerSettings,
  ...clientSettings('messages'),
  ...shardSettings,
  conversationsUrls: serviceUrlSettings.conversationsUrls,
  leaseMs: integer('LEASE_MS', {
    about: 'how long a shard stays with an instance that no longer renews its lease, ms',
    default: 3000,
    min: 500,
    max: 60_000,
  }),
  lingerMaxMs: integer('LINGER_MAX_MS', {
    about: 'least time from the start of one batch to the next under load, ms; 0 never waits',
    default: 5,
    min: 0,
    max: 1000,
  }),
  batchCommandsMax: integer('BATCH_COMMANDS_MAX', {
    about: 'commands in one transaction; 128 suits YugabyteDB',
    default: 1000,
    min: 1,
    max: 5000,
  }),
  accessCacheSeconds: integer('ACCESS_CACHE_SECONDS', {
    about: 'how long an answer about access to a conversation is kept, seconds',
    default: 60,
    min: 0,
    max: 3600,
  }),
  commandsPerMinute: integer('COMMANDS_PER_MINUTE', {
    about: 'messages, edits, deletions and reactions that one person may send over HTTP in a minute',
    default: 120,
    min: 1,
    max: 1_000_000,
  }),
  conversationCommandsPerMinute: integer('CONVERSATION_COMMANDS_PER_MINUTE', {
    about: 'commands of all members of one conversation a minute, with a burst of a sixth of it',
    default: 6000,
    min: 6,
    max: 10_000_000,
  }),
  failpoint: oneOf('FAILPOINT', failpoints, {
    about: 'development and test only: where the process kills or freezes itself, to prove that nothing is lost',
    default: 'none',
  }),
};
