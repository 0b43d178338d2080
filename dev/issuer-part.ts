import { join } from 'node:path';
import type { Launch } from './launch.ts';

export type IssuerOptions = {
  port: number;
  /** Keeps its keys, clients, grants and sessions. */
  folder: string;
  /** Holds the clients' key files. */
  keysDir: string;
  /** The origin of the BFF: where people are sent back to. */
  publicUrl: string;
  /** Where mails land that no server sends: the issuer shows them. */
  mailDir?: string;
};

/** How to start the embedded issuer. */
export function issuerLaunch({ port, folder, keysDir, publicUrl, mailDir }: IssuerOptions, env: Launch['env']): Launch {
  return {
    command: [process.execPath, '--no-env-file', join(import.meta.dir, 'issuer/main.ts')],
    cwd: join(import.meta.dir, '..'),
    env: {
      ...env,
      PORT: String(port),
      ISSUER: issuerUrl(port),
      DATA_DIR: folder,
      KEYS_DIR: keysDir,
      PUBLIC_URL: publicUrl,
      ...(mailDir === undefined ? {} : { MAIL_DIR: mailDir }),
    },
    stopSignal: 'SIGTERM',
  };
}

/** The issuer's name in every token; it lives as long as the port is kept. */
export const issuerUrl = (port: number): string => `http://localhost:${port}`;

/** Whether an HTTP part says that it is ready. */
export async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}
