import { join } from 'node:path';
import { createLog } from '@chatapp/service/log';
import postgres from 'postgres';
import { openDatabase, prepareDatabase } from '../../apps/messages/src/database.ts';
import { systemClock } from '../../packages/resilience/clock.ts';

const directory = join(import.meta.dir, '../../apps/messages/migrations');
const log = createLog({ service: 'bench', level: 'error' });

/** A pool with the settings of the service messages, its schema brought up to date. */
export const messagesDatabase = async (url: string): Promise<postgres.Sql> => {
  const sql = openDatabase({ url, poolMax: 1, leaseMs: 60_000, log });
  await prepareDatabase({ database: { url, log }, sql, directory, shards: 16, clock: systemClock });
  return sql;
};

/** Another table with the columns, keys and indexes of the messages. */
export const makeTableLikeMessages = async (ownerUrl: string, name: string): Promise<void> => {
  const sql = owner(ownerUrl);
  await sql`CREATE TABLE IF NOT EXISTS messages.${sql(name)} (LIKE messages.messages INCLUDING ALL)`;
  await sql`ALTER TABLE messages.${sql(name)} OWNER TO chatapp_messages`;
  await sql.end();
};

/** Empties tables, and leaves nothing to be written later that another one would pay for. */
export const emptyTables = async (ownerUrl: string, names: readonly string[]): Promise<void> => {
  const sql = owner(ownerUrl);
  await sql`TRUNCATE ${sql(names.map((name) => `messages.${name}`))}`;
  await sql`CHECKPOINT`;
  await sql.end();
};

export const countRows = async (ownerUrl: string, table: string): Promise<number> => {
  const sql = owner(ownerUrl);
  const [row] = await sql<{ count: string }[]>`SELECT count(*) FROM messages.${sql(table)}`;
  await sql.end();
  return Number(row?.count);
};

/** SQL for the id of conversation `number`; `idOf` is the same in our language. */
export const idExpression = (number: string): string =>
  `('00000000-0000-4000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
export const idOf = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** Fills conversations 1 … with so many messages each, interleaved as they would come; the indexes are made afterwards, as they were. */
export const fillMessages = async (ownerUrl: string, conversations: number, messagesEach: number): Promise<void> => {
  const sql = owner(ownerUrl);
  const indexes = await sql<{ indexname: string; indexdef: string }[]>`
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'messages' AND tablename = 'messages'`;
  await sql`ALTER TABLE messages.messages DROP CONSTRAINT messages_pkey`;
  for (const { indexname } of indexes) await sql`DROP INDEX IF EXISTS messages.${sql(indexname)}`;
  await sql.unsafe(`
    INSERT INTO messages.messages (conversation_id, seq, rev, created_rev, id, sender_id, client_id, created_at, changed, reacted, kind, body)
    SELECT ${idExpression('c')}, seq, seq, seq, gen_random_uuid(), ${idExpression('c + seq % 5')}, gen_random_uuid(), now(), false, false,
      'text', rpad('message ' || seq, 200, ' and so on')
    FROM generate_series(1, ${messagesEach}::bigint) AS s (seq), generate_series(1, ${conversations}::bigint) AS k (c)`);
  await sql.unsafe(`
    INSERT INTO messages.heads (conversation_id, head_seq, head_rev)
    SELECT ${idExpression('c')}, ${messagesEach}, ${messagesEach} FROM generate_series(1, ${conversations}::bigint) AS k (c)`);
  for (const { indexdef } of indexes) await sql.unsafe(indexdef);
  await sql`ALTER TABLE messages.messages ADD PRIMARY KEY USING INDEX messages_pkey`;
  await sql`VACUUM ANALYZE messages.messages, messages.heads`;
  await sql`CHECKPOINT`;
  await sql.end();
};

const owner = (url: string): postgres.Sql =>
  postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connection: { maintenance_work_mem: '1GB', max_parallel_maintenance_workers: '0' },
  });
