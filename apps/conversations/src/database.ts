import { withDatabaseRetry } from '@chatapp/service/database';
import type { Logger } from 'drizzle-orm/logger';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';

export type Database = PostgresJsDatabase;
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];
/** What a query runs on: the pool, or a transaction. */
export type Queryable = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

/** Reads, again where a connection broke. */
export type Read = <T>(work: (db: Queryable) => Promise<T>) => Promise<T>;

/**
 * Runs a transaction, again after a lost race or a broken connection; then the commit's outcome may be unknown (`repeated`), so every
 * `work` must find its own first run and answer the same: ids are made before, and what is done already is no change.
 */
export type Transact = <T>(work: (tx: Transaction, attempt: { repeated: boolean }) => Promise<T>) => Promise<T>;

/** drizzle-orm replaces serializers of its client, so it gets one of its own. `logger` sees every statement. */
export const openDatabase = (client: Sql, logger?: Logger): Database =>
  drizzle(client, logger === undefined ? {} : { logger });

/** Rows of one `INSERT`: a statement takes 65 534 parameters, one for each value. */
export const insertMax = 1000;

export const createRead =
  (db: Database): Read =>
  (work) =>
    withDatabaseRetry(() => work(db));

/** `afterCommit` wakes the relay: the events are there now. */
export const createTransact =
  (db: Database, afterCommit: () => void): Transact =>
  async (work) => {
    let attempts = 0;
    const result = await withDatabaseRetry(() => db.transaction((tx) => work(tx, { repeated: attempts++ > 0 })));
    afterCommit();
    return result;
  };
