import type { ISql } from 'postgres';
import { everyone } from '../commands/task.ts';

/** Rows a statement: no lock lasts. */
const rowsAtOnce = 1000;

/** The conversations that are to be erased, the longest waiting first. */
export const readErasures = async (sql: ISql): Promise<string[]> =>
  (await sql<{ conversation_id: string }[]>`SELECT conversation_id FROM erasures ORDER BY at LIMIT 100`).map(
    ({ conversation_id }) => conversation_id,
  );

/**
 * Deletes all that was written in a conversation, some rows a statement; begun again after a crash it goes on. What stays is that nobody may write there any
 * more, and for seven days which commands and events were applied, so that none of them is applied anew.
 */
export const eraseConversation = async (sql: ISql, c: string): Promise<void> => {
  await repeatedly(
    () => sql`
      DELETE FROM mentions m USING (SELECT user_id, seq FROM mentions WHERE conversation_id = ${c} LIMIT ${rowsAtOnce}) k
      WHERE m.conversation_id = ${c} AND m.user_id = k.user_id AND m.seq = k.seq`,
  );
  await repeatedly(
    () => sql`
      DELETE FROM reactions r USING (
        SELECT seq, emoji, user_id FROM reactions WHERE conversation_id = ${c} LIMIT ${rowsAtOnce}
      ) k
      WHERE r.conversation_id = ${c} AND r.seq = k.seq AND r.emoji = k.emoji AND r.user_id = k.user_id`,
  );
  await repeatedly(
    () => sql`
      DELETE FROM messages m USING (SELECT seq FROM messages WHERE conversation_id = ${c} ORDER BY seq LIMIT ${rowsAtOnce}) k
      WHERE m.conversation_id = ${c} AND m.seq = k.seq`,
  );
  await repeatedly(
    () => sql`
      DELETE FROM read_markers r USING (SELECT user_id FROM read_markers WHERE conversation_id = ${c} LIMIT ${rowsAtOnce}) k
      WHERE r.conversation_id = ${c} AND r.user_id = k.user_id`,
  );
  await sql`DELETE FROM losses WHERE conversation_id = ${c} AND user_id <> ${everyone}::uuid`;
  await sql`DELETE FROM heads WHERE conversation_id = ${c}`;
  await sql`DELETE FROM erasures WHERE conversation_id = ${c}`;
};

const repeatedly = async (statement: () => PromiseLike<{ readonly count: number }>): Promise<void> => {
  while ((await statement()).count === rowsAtOnce);
};
