import type { Clock } from '@chatapp/resilience/clock';
import { connectDatabase, withDatabaseRetry } from '@chatapp/service/database';
import { databaseProblem } from '@chatapp/service/database-problem';
import type { Log } from '@chatapp/service/log';
import { migrateAtStart } from '@chatapp/service/migrate-at-start';
import type { Sql } from 'postgres';
import { claimShards } from './meta-store.ts';
import { toInstant } from './timeline/instant.ts';

export interface MessagesDatabaseOptions {
  readonly url: string;
  readonly password?: (() => string) | undefined;
  readonly poolMax: number;
  readonly leaseMs: number;
  readonly log: Log;
}

const name = 'chatapp messages';
const bigint = 20;
const timestamptz = 1184;

/** A pool whose `bigint`s are numbers (positions stay below 2^53) and whose instants are ISO text, as the wire has them. */
export const openDatabase = ({ url, password, poolMax, leaseMs, log }: MessagesDatabaseOptions): Sql => {
  const sql = connectDatabase({
    url,
    password,
    poolMax,
    log,
    name,
    settings: {
      timezone: 'UTC',
      // A frozen holder of a shard must not keep the rows locked for longer than its lease.
      idle_in_transaction_session_timeout: String(Math.min(leaseMs, 3000)),
      // Plans are cached for the life of a connection, also those made while a table was empty: never a sequential scan then.
      enable_seqscan: 'off',
      random_page_cost: '1.1',
      jit: 'off',
    },
  });
  sql.options.parsers[bigint] = Number;
  sql.options.parsers[timestamptz] = toInstant;
  return sql;
};

export interface PrepareOptions {
  readonly database: Pick<MessagesDatabaseOptions, 'url' | 'password' | 'log'>;
  readonly sql: Sql;
  /** Of the migrations. */
  readonly directory: string;
  readonly shards: number;
  readonly clock: Clock;
}

/** Waits up to about half a minute for the database, brings its schema up to date and holds SHARDS against it. */
export const prepareDatabase = async ({ database, sql, directory, shards, clock }: PrepareOptions): Promise<void> => {
  const { url, password, log } = database;
  await migrateAtStart({ database: { url, password, log, name }, directory, clock });
  await withDatabaseRetry(() => claimShards(sql, shards));
};

/** A read of the database: repeated where the trouble passes by itself, else `unavailable` unless the statement itself is at fault. */
export const readDatabase = <T>(read: () => Promise<T>): Promise<T> =>
  withDatabaseRetry(read).catch((error) => {
    throw databaseProblem(error);
  });
