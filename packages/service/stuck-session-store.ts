import type { Sql } from 'postgres';

/**
 * Ends this service's sessions whose client has been in the middle of a statement, and silent, for longer than `olderThanMs`; answers how many. Their transactions are rolled back,
 * and their locks are free. A client that lives sends what belongs to one statement at once.
 */
export const endStuckSessions = async (sql: Sql, olderThanMs: number): Promise<number> => {
  const ended = await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
      AND state = 'active' AND wait_event = 'ClientRead'
      AND state_change < clock_timestamp() - ${olderThanMs}::integer * interval '1 millisecond'`;
  return ended.count;
};
