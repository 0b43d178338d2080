import { isDeepStrictEqual } from 'node:util';
import { readJsonFile, writePrivateFile } from './private-file.ts';
import { type RedisPasswords, redisUsers } from './redis-users.ts';

/** The passwords of the embedded database and the embedded Redis: made once, readable by the owner of the data folder alone. */
export type Secrets = { postgres: string; conversations: string; messages: string; redis: RedisPasswords };

const databaseUsers = ['postgres', 'conversations', 'messages'] as const;

/** The passwords in the file; those that are missing are made and added. */
export async function keptSecrets(file: string): Promise<Secrets> {
  const kept = (await readJsonFile(file)) as Partial<Secrets> | undefined;
  const secrets = { ...completed(databaseUsers, kept), redis: completed(redisUsers, kept?.redis) };
  if (!isDeepStrictEqual(secrets, kept)) await writePrivateFile(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

function completed<Name extends string>(
  names: readonly Name[],
  kept: Partial<Record<Name, string>> | undefined,
): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, kept?.[name] ?? newSecret()])) as Record<Name, string>;
}

const newSecret = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
