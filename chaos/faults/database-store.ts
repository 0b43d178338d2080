import type postgres from 'postgres';

/** What faults do to the database, as its superuser. */

/** Ends one backend of a service, as an administrator would (57P01). */
export const terminateOne = async (sql: postgres.Sql): Promise<void> => {
  await sql`
    SELECT pg_terminate_backend(pid) FROM (
      SELECT pid FROM pg_stat_activity WHERE usename LIKE 'chatapp\\_%' ORDER BY random() LIMIT 1
    ) AS picked`;
};

/** From now on a share of all inserts of messages fails with one of these codes. */
export const failInserts = async (sql: postgres.Sql, codes: readonly string[], share: number): Promise<void> => {
  await sql.unsafe(`
    CREATE OR REPLACE FUNCTION public.chaos_fail() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE codes text[] := '{${codes.join(',')}}';
    BEGIN
      IF random() < ${share} THEN
        RAISE EXCEPTION 'injected' USING ERRCODE = codes[1 + floor(random() * array_length(codes, 1))::int];
      END IF;
      RETURN NULL;
    END $$`);
  await sql.unsafe(`
    CREATE OR REPLACE TRIGGER chaos_fail BEFORE INSERT ON messages.messages
    FOR EACH STATEMENT EXECUTE FUNCTION public.chaos_fail()`);
};

/**
 * From now on a message whose text begins so breaks a rule of the database (23514). The text's second word, a number from 0, says which of `count` sequences counts the
 * tries: they outlive the transaction that is undone.
 */
export const refuseTexts = async (sql: postgres.Sql, beginning: string, count: number): Promise<void> => {
  for (let number = 0; number < count; number++) await sql.unsafe(`CREATE SEQUENCE public.chaos_tries_${number}`);
  await sql.unsafe(`
    CREATE OR REPLACE FUNCTION public.chaos_fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      IF NEW.body LIKE '${beginning} %' THEN
        PERFORM nextval('public.chaos_tries_' || split_part(NEW.body, ' ', 2));
        RAISE EXCEPTION 'injected' USING ERRCODE = '23514';
      END IF;
      RETURN NEW;
    END $$`);
  await sql.unsafe(`
    CREATE OR REPLACE TRIGGER chaos_fail BEFORE INSERT ON messages.messages
    FOR EACH ROW EXECUTE FUNCTION public.chaos_fail()`);
};

/** How often each of those texts was tried; nothing of one that never was. */
export const triesOfTexts = async (sql: postgres.Sql): Promise<number[]> => {
  const rows = await sql<{ tries: string | null }[]>`
    SELECT last_value AS tries FROM pg_sequences WHERE sequencename LIKE 'chaos\\_tries\\_%'`;
  return rows.flatMap(({ tries }) => (tries === null ? [] : [Number(tries)]));
};

export const stopFailing = async (sql: postgres.Sql): Promise<void> => {
  await sql.unsafe('DROP TRIGGER IF EXISTS chaos_fail ON messages.messages');
};

/** Nobody writes messages until `hold` resolves. */
export const lockMessages = async (sql: postgres.Sql, hold: () => Promise<void>): Promise<void> => {
  await sql.begin(async (transaction) => {
    await transaction`LOCK TABLE messages.messages IN ACCESS EXCLUSIVE MODE`;
    await hold();
  });
};

/** How many connections messages may have; those that it has are ended. Answers how many it might have before. */
export const limitConnections = async (sql: postgres.Sql, limit: number): Promise<number> => {
  const [before] = await sql<{ most: number }[]>`
    SELECT rolconnlimit AS most FROM pg_roles WHERE rolname = 'chatapp_messages'`;
  await sql.unsafe(`ALTER ROLE chatapp_messages CONNECTION LIMIT ${limit}`);
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chatapp_messages'`;
  return before?.most ?? -1;
};

/** Transactions of the services since the database began to count. Backends tell theirs once a second at most. */
export const transactionsOf = async (sql: postgres.Sql): Promise<number> => {
  const [row] = await sql<{ count: string }[]>`
    SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()`;
  return Number(row?.count ?? 0);
};

/** Connections that the services have. */
export const databaseConnections = async (sql: postgres.Sql): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename LIKE 'chatapp\\_%'`;
  return row?.count ?? 0;
};
