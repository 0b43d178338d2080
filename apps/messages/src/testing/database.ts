import { silentLog } from '@chatapp/service/log';
import type { Sql } from 'postgres';
import { testDatabase } from '../../../../dev/testing/database.ts';
import { createSaveBatch, type SaveBatch } from '../commands/save-batch.ts';
import { openDatabase } from '../database.ts';
import { neverFails } from '../failpoint.ts';

export const testShards = 4;

export interface TestMessages {
  readonly url: string;
  readonly ownerUrl: string;
  readonly sql: Sql;
  readonly save: SaveBatch;
  close(): Promise<void>;
}

/** A migrated database of messages of the test's own, and the transaction on it. */
export const testMessages = async (): Promise<TestMessages> => {
  const { url, ownerUrl, close } = await testDatabase('messages');
  const sql = openDatabase({ url, poolMax: 4, leaseMs: 3000, log: silentLog() });
  const save = createSaveBatch({
    ...{ sql, shards: testShards, now: Date.now, newId: () => Bun.randomUUIDv7(), reach: neverFails },
  });
  return {
    ...{ url, ownerUrl, sql, save },
    close: async () => {
      await sql.end({ timeout: 1 });
      await close();
    },
  };
};
