import postgres from 'postgres';
import type { Secrets } from './secrets.ts';
import { StartError } from './start-error.ts';

/** The services that keep data: each has a role and a schema that no other one reads. */
export const dataServices = ['conversations', 'messages'] as const;

/** Makes the database `name` beside the one of the URL when it is missing, and returns its URL. */
export async function ensureDatabase(ownerUrl: string, name: string): Promise<string> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql`SELECT 1 FROM pg_database WHERE datname = ${name}`;
    if (found === undefined) await sql`CREATE DATABASE ${sql(name)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
  const url = new URL(ownerUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/**
 * Of the connections that the server gives to others than its superuser: what one service leaves behind or asks for too much never shuts out the other
 * one, nor the owner (0041). Each start sets it anew, for `max_connections` may have changed.
 */
const shareOfService = 0.4;

/** Makes each data service's role (`chatapp_<service>`), with its share of the server's connections, and schema, and returns the URL that the service gets. */
export async function ensureRoles(
  ownerUrl: string,
  secrets: Pick<Secrets, (typeof dataServices)[number]>,
): Promise<Record<(typeof dataServices)[number], string>> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const connections = await connectionsOfService(sql);
    for (const service of dataServices) await ensureRole(sql, { service, password: secrets[service], connections });
  } catch (cause) {
    throw new StartError(
      `The roles and schemas of the services could not be made: ${cause instanceof Error ? cause.message : cause}`,
      'DATABASE_URL must be of a user who may create roles and schemas.',
      { cause },
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
  return {
    conversations: urlOfRole(ownerUrl, 'chatapp_conversations', secrets.conversations),
    messages: urlOfRole(ownerUrl, 'chatapp_messages', secrets.messages),
  };
}

async function connectionsOfService(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS count`;
  return Math.floor((row?.count ?? 0) * shareOfService);
}

interface Role {
  readonly service: string;
  readonly password: string;
  readonly connections: number;
}

async function ensureRole(sql: postgres.Sql, { service, password, connections }: Role): Promise<void> {
  const role = `chatapp_${service}`;
  const [found] = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${role}`;
  if (found === undefined) await sql`CREATE ROLE ${sql(role)} LOGIN`;
  // DDL takes no parameters. Ours is base64url, so the quotes hold; at each start, for a database that outlived its data folder.
  await sql.unsafe(`ALTER ROLE "${role}" CONNECTION LIMIT ${connections} PASSWORD '${password}'`);
  await sql`ALTER ROLE ${sql(role)} SET search_path = ${sql(service)}`;
  await sql`GRANT ${sql(role)} TO CURRENT_USER`;
  await sql`CREATE SCHEMA IF NOT EXISTS ${sql(service)} AUTHORIZATION ${sql(role)}`;
}

function urlOfRole(ownerUrl: string, role: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = password;
  return url.href;
}
