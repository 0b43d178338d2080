import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapFolder } from './reaper.ts';

/** A new folder under the system's temporary one, removed when this process ends. */
export function temporaryFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `chatapp-${purpose}-`));
  reapFolder(folder);
  return folder;
}
