import { Database } from 'bun:sqlite';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

/** The files and folders of one copy of the stack. */
export type DataFolder = {
  path: string;
  runFile: string;
  processesFile: string;
  portsFile: string;
  secretsFile: string;
  keysDir: string;
  logsDir: string;
  mailDir: string;
  /** Lets the next copy in. */
  release(): void;
};

/** Makes the data folder, proves that it can be written and holds it against a second copy until we end. */
export async function claimDataFolder(path: string): Promise<DataFolder> {
  await proveWritable(path);
  const release = lockFolder(path);
  return {
    path,
    runFile: join(path, 'run.json'),
    processesFile: join(path, 'processes.json'),
    portsFile: join(path, 'ports.json'),
    secretsFile: join(path, 'secrets.json'),
    keysDir: join(path, 'keys'),
    logsDir: join(path, 'logs'),
    mailDir: join(path, 'mail'),
    release,
  };
}

async function proveWritable(path: string): Promise<void> {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    await mkdir(path, { recursive: true, mode: 0o711 });
    await mkdir(join(path, 'logs'), { recursive: true, mode: 0o700 });
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw new StartError(
      `The data folder ${path} cannot be written (${(cause as NodeJS.ErrnoException).code ?? cause}).`,
      'Make it writable, or name another one: CHATAPP_DATA_DIR=/some/folder bun start.',
      { cause },
    );
  }
}

// SQLite's lock is the kernel's: it ends with our process, however that ends, so nothing stale is ever in the way.
function lockFolder(path: string): () => void {
  const lock = new Database(join(path, 'lock.sqlite'), { create: true });
  try {
    lock.run('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause;
    throw new StartError(
      `Another copy of ChatApp is running on the data folder ${path}.`,
      'Stop it, or give this one its own folder and port: CHATAPP_DATA_DIR=.data-2 PORT=3001 bun start.',
      { cause },
    );
  }
  return () => lock.close();
}
