import { readJsonFile, writePrivateFile } from './private-file.ts';

/** The passwords of the embedded database: made once, readable by the owner of the data folder alone. */
export type Secrets = { postgres: string; conversations: string; messages: string };

const names = ['postgres', 'conversations', 'messages'] as const;

/** The passwords in the file; those that are missing are made and added. */
export async function keptSecrets(file: string): Promise<Secrets> {
  const kept = (await readJsonFile(file)) as Partial<Secrets> | undefined;
  const secrets = Object.fromEntries(names.map((name) => [name, kept?.[name] ?? newSecret()])) as Secrets;
  if (names.some((name) => kept?.[name] === undefined)) {
    await writePrivateFile(file, `${JSON.stringify(secrets, null, 2)}\n`);
  }
  return secrets;
}

const newSecret = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
