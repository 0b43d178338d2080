import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { testCluster } from './postgres.ts';

export type DataService = 'conversations' | 'messages';

export type TestDatabase = {
  /** For the service's own role, as the service gets it. */
  url: string;
  /** For the superuser, on the same database: to look at it, and to break it. */
  ownerUrl: string;
  close(): Promise<void>;
};

// Roles belong to the whole cluster, so every database of a run knows the same password.
const rolePassword = 'test';

/** A fresh database in which the service's role, schema and migrations are, cloned from a template (about 60 ms). */
export async function testDatabase(service: DataService, options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const cluster = await testCluster();
  const name = `test_${service}_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`;
  await asOwner(cluster, async (sql) => {
    const template = await ensureTemplate(sql, cluster, service, options.migrated ?? true);
    await sql`CREATE DATABASE ${sql(name)} TEMPLATE ${sql(template)}`;
  });
  return {
    url: roleUrl(cluster, service, name),
    ownerUrl: withDatabase(cluster, name),
    close: () => dropDatabase(cluster, name),
  };
}

async function dropDatabase(cluster: string, name: string): Promise<void> {
  await asOwner(cluster, (sql) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`);
}

async function ensureTemplate(
  sql: postgres.Sql,
  cluster: string,
  service: DataService,
  isMigrated: boolean,
): Promise<string> {
  const directory = join(import.meta.dir, '../../apps', service, 'migrations');
  const template = `template_${service}_${isMigrated ? await digestOf(directory) : 'empty'}`;
  if (await databaseExists(sql, template)) return template;
  // Several test processes share the cluster; the lock lives in this session, which has one connection.
  await sql`SELECT pg_advisory_lock(hashtext('chatapp test templates'))`;
  try {
    if (await databaseExists(sql, template)) return template;
    const draft = `${template}_draft`;
    await sql`DROP DATABASE IF EXISTS ${sql(draft)} WITH (FORCE)`;
    await sql`CREATE DATABASE ${sql(draft)}`;
    await ensureRole(sql, service);
    await asOwner(withDatabase(cluster, draft), (inDraft) => makeSchema(inDraft, service));
    if (isMigrated) await runMigrations(roleUrl(cluster, service, draft), directory);
    // Under its name only when complete: a test process may be killed halfway.
    await sql`ALTER DATABASE ${sql(draft)} RENAME TO ${sql(template)}`;
    return template;
  } finally {
    await sql`SELECT pg_advisory_unlock(hashtext('chatapp test templates'))`;
  }
}

async function ensureRole(sql: postgres.Sql, service: DataService): Promise<void> {
  const role = roleOf(service);
  const [found] = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${role}`;
  if (found === undefined) await sql`CREATE ROLE ${sql(role)} LOGIN`;
  await sql.unsafe(`ALTER ROLE ${role} PASSWORD '${rolePassword}'`);
  await sql`ALTER ROLE ${sql(role)} SET search_path = ${sql(service)}`;
}

async function makeSchema(sql: postgres.Sql, service: DataService): Promise<void> {
  await sql`CREATE SCHEMA ${sql(service)} AUTHORIZATION ${sql(roleOf(service))}`;
}

async function runMigrations(url: string, directory: string): Promise<void> {
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  try {
    const { migrate } = await import('@chatapp/service/migrate');
    await migrate({ sql, directory });
  } finally {
    // The template is cloned only while nobody is connected to it.
    await sql.end({ timeout: 5 });
  }
}

async function asOwner<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function databaseExists(sql: postgres.Sql, name: string): Promise<boolean> {
  const [found] = await sql`SELECT 1 FROM pg_database WHERE datname = ${name}`;
  return found !== undefined;
}

async function digestOf(directory: string): Promise<string> {
  const hash = new Bun.CryptoHasher('sha256');
  for (const file of (await readdir(directory)).sort()) {
    if (file.endsWith('.sql')) hash.update(`${file}\n${await Bun.file(join(directory, file)).text()}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

const roleOf = (service: DataService): string => `chatapp_${service}`;

function roleUrl(cluster: string, service: DataService, database: string): string {
  const url = new URL(withDatabase(cluster, database));
  url.username = roleOf(service);
  url.password = rolePassword;
  return url.href;
}

function withDatabase(cluster: string, database: string): string {
  const url = new URL(cluster);
  url.pathname = `/${database}`;
  return url.href;
}
