import {
  clientSettings,
  commandSettings,
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
  ...commandSettings,
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
  failpoint: oneOf('FAILPOINT', failpoints, {
    about: 'development and test only: where the process kills or freezes itself, to prove that nothing is lost',
    default: 'none',
  }),
};
