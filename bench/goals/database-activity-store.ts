import postgres from 'postgres';

/** Transactions committed in a database since it was made, as far as its backends have told; a statement on its own is one. */
export const transactions = async (ownerUrl: string): Promise<number> => {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  const [row] = await sql<{ count: string }[]>`
    SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()`;
  await sql.end();
  return Number(row?.count);
};
