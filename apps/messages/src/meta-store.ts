import type { ISql } from 'postgres';

export const eventsPlaceKey = 'events-place';

/**
 * Holds the number of shards against the one of the first start. Throws where they differ: commands would wait in streams that nobody
 * reads, and two writers would take one conversation for two shards.
 */
export const claimShards = async (sql: ISql, shards: number): Promise<void> => {
  await sql`INSERT INTO meta (key, value) VALUES ('shards', ${String(shards)}) ON CONFLICT (key) DO NOTHING`;
  const kept = await readMeta(sql, 'shards');
  if (kept !== String(shards)) {
    throw new Error(`SHARDS is ${shards}, but this database was made with ${kept}; set SHARDS=${kept}`);
  }
};

export const readMeta = async (sql: ISql, key: string): Promise<string | undefined> =>
  (await sql<{ value: string }[]>`SELECT value FROM meta WHERE key = ${key}`)[0]?.value;

export const writeMeta = async (sql: ISql, key: string, value: string): Promise<void> => {
  await sql`INSERT INTO meta (key, value) VALUES (${key}, ${value}) ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
};
