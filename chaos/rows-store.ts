import type postgres from 'postgres';
import type { Row } from './checker/evidence.ts';

type Stored = Omit<Row, 'c' | 'seq' | 'rev'> & { c: string; seq: string; rev: string };

/** What the database holds of these conversations, read as its superuser and past all services. */
export const readRows = async (sql: postgres.Sql, conversations: readonly string[]): Promise<Row[]> => {
  const stored = await sql<Stored[]>`
    SELECT conversation_id AS c, seq, rev, id, client_id AS "clientId", sender_id AS "senderId", kind,
      CASE WHEN deleted_at IS NULL THEN body END AS body
    FROM messages.messages WHERE conversation_id IN ${sql([...conversations])} ORDER BY conversation_id, seq`;
  return stored.map((row) => ({ ...row, seq: Number(row.seq), rev: Number(row.rev) }));
};

/** The last `rev` of each conversation. */
export const readHeads = async (
  sql: postgres.Sql,
  conversations: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const heads = await sql<{ c: string; rev: string }[]>`
    SELECT conversation_id AS c, head_rev AS rev FROM messages.heads WHERE conversation_id IN ${sql([...conversations])}`;
  return new Map(heads.map(({ c, rev }) => [c, Number(rev)]));
};
