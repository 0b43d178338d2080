import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { findPostgres } from '../postgres-home.ts';
import { ysqlFaults } from '../testing/ysql.ts';

/** For the server at its start; nothing where this platform's package has no such library, then nothing is remembered. */
export const rememberingSettings = async (): Promise<Record<string, string>> => {
  const { native } = await findPostgres();
  const libraries = await readdir(join(native, 'lib/postgresql')).catch((): string[] => []);
  if (!libraries.some((name) => name.startsWith('pg_stat_statements.'))) return {};
  return {
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.max': '100000',
    // What a test's trigger runs inside a statement is not the service's.
    'pg_stat_statements.track': 'top',
  };
};

export interface ExecutedStatements {
  /** How many different ones the services' roles executed. */
  readonly count: number;
  /** In words: what is not in the subset of YugabyteDB, and the statement. */
  readonly faults: readonly string[];
}

/** From now on the cluster remembers every statement of every database, without its values. False where it cannot. */
export const rememberStatements = async (clusterUrl: string): Promise<boolean> => {
  const sql = postgres(clusterUrl, { max: 1, onnotice: () => undefined });
  try {
    const [loaded] = await sql<
      { libraries: string }[]
    >`SELECT current_setting('shared_preload_libraries') AS libraries`;
    if (!loaded?.libraries.includes('pg_stat_statements')) return false;
    await sql`CREATE EXTENSION IF NOT EXISTS pg_stat_statements`;
    return true;
  } finally {
    await sql.end({ timeout: 1 });
  }
};

/** Holds what the roles of the services executed against what YugabyteDB does too: the product's statements, and those of its tests. */
export const judgeStatements = async (clusterUrl: string): Promise<ExecutedStatements> => {
  const sql = postgres(clusterUrl, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql<{ query: string }[]>`
      SELECT DISTINCT query FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid WHERE rolname LIKE 'chatapp\\_%'`;
    const [info] = await sql<{ dealloc: string }[]>`SELECT dealloc FROM pg_stat_statements_info`;
    const forgotten = Number(info?.dealloc) > 0 ? ['Statements were forgotten: raise pg_stat_statements.max.'] : [];
    const faults = rows.flatMap(({ query }) => ysqlFaults(query).map((what) => `${what}: ${query.slice(0, 300)}`));
    return { count: rows.length, faults: [...forgotten, ...faults] };
  } finally {
    await sql.end({ timeout: 1 });
  }
};
