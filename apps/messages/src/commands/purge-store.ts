import type { Sql } from 'postgres';

const rowsAtOnce = 1000;

/** Forgets what was applied in a shard before an instant, some rows a statement so that no lock lasts; answers how many. */
export const purgeApplied = async (sql: Sql, shard: number, before: Date): Promise<number> => {
  let purged = 0;
  for (;;) {
    const { count } = await sql`
      DELETE FROM applied a USING (
        SELECT conversation_id, actor_id, client_id FROM applied
        WHERE shard = ${shard}::integer AND at < ${before.toISOString()}::timestamptz ORDER BY at LIMIT ${rowsAtOnce}
      ) old
      WHERE a.conversation_id = old.conversation_id AND a.actor_id = old.actor_id AND a.client_id = old.client_id`;
    purged += count;
    if (count < rowsAtOnce) return purged;
  }
};
