import { silentLog } from '@chatapp/service/log';
import type { Sql } from 'postgres';
import { testDatabase } from '../../../../dev/testing/database.ts';
import { KnownHeads } from '../commands/known-heads.ts';
import { createQuickSave } from '../commands/quick-save.ts';
import { createSaveBatch, type SaveBatch } from '../commands/save-batch.ts';
import { openDatabase } from '../database.ts';
import { neverFails } from '../failpoint.ts';

export const testShards = 4;

export interface TestMessages {
  readonly url: string;
  readonly ownerUrl: string;
  readonly sql: Sql;
  /** The checking way. */
  readonly save: SaveBatch;
  /** As the holder of a shard saves; knows the heads that itself and `save` commit. */
  readonly quickSave: SaveBatch;
  close(): Promise<void>;
}

/** A migrated database of messages of the test's own, and the transaction on it. */
export const testMessages = async (): Promise<TestMessages> => {
  const { url, ownerUrl, close } = await testDatabase('messages');
  const sql = openDatabase({ url, poolMax: 4, leaseMs: 3000, log: silentLog() });
  const saving = {
    ...{ sql, shards: testShards, heads: new KnownHeads() },
    ...{ now: Date.now, newId: () => Bun.randomUUIDv7(), reach: neverFails },
  };
  const save = createSaveBatch(saving);
  return {
    ...{ url, ownerUrl, sql, save, quickSave: createQuickSave({ ...saving, save }) },
    close: async () => {
      await sql.end({ timeout: 1 });
      await close();
    },
  };
};
