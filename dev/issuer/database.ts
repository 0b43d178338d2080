import { Database } from 'bun:sqlite';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Opens the issuer's own database in its data folder, which only its owner can read. */
export function openDatabase(dataDir: string): Database {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const database = new Database(join(dataDir, 'issuer.sqlite'), { create: true, strict: true });
  // With a write-ahead log a killed process loses nothing that was committed.
  database.run('PRAGMA journal_mode = WAL');
  database.run('PRAGMA synchronous = NORMAL');
  database.run('PRAGMA busy_timeout = 2000');
  return database;
}
