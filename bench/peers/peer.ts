import { join } from 'node:path';
import postgres from 'postgres';
import { freePort } from '../../dev/ports.ts';
import { temporaryFolder } from '../../dev/testing/temporary.ts';
import type { DialectName } from '../load/plan.ts';
import type { Contestant } from '../system/contestant.ts';
import { makeFolder, startPostgres, startRedis } from '../system/foundation.ts';
import { StartedParts } from '../system/started-parts.ts';

export interface PeerOptions {
  readonly name: string;
  readonly dialect: DialectName;
  /** In this folder. */
  readonly script: 'socket-io.mjs' | 'ws-bridge.mjs';
  readonly nodes: number;
  /** Whether each message is inserted before it is emitted. */
  readonly saves?: boolean;
}

/** Starts nodes of a peer on Node behind a Redis of its own. */
export const startPeer = async ({ name, dialect, script, nodes, saves = false }: PeerOptions): Promise<Contestant> => {
  const folder = temporaryFolder('bench-peer');
  const parts = new StartedParts(await makeFolder(folder));
  const redisUrl = await startRedis(parts, folder);
  const databaseUrl = saves ? await withTable(await startPostgres(parts, folder)) : '';
  const urls = await Promise.all(
    Array.from({ length: nodes }, async (_, at) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const env = { ...process.env, NODE_ENV: 'production', REDIS_URL: redisUrl, DATABASE_URL: databaseUrl };
      await parts.start({
        ...{ name: `node-${at + 1}`, url, isReady: () => answers(url) },
        launch: {
          command: ['node', join(import.meta.dir, script)],
          cwd: import.meta.dir,
          env: { ...env, PORT: String(port) },
          stopSignal: 'SIGTERM',
        },
      });
      return url;
    }),
  );
  return {
    ...{ name, dialect, nodes: urls },
    processes: () => parts.pids(),
    restartNodes: () => parts.restart(...urls.map((_, at) => `node-${at + 1}`)),
    proof: async () => undefined,
    stop: () => parts.stopAll(),
  };
};

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** What a chat would save of a message, under a key. */
const withTable = async (url: string): Promise<string> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await sql`
    CREATE TABLE messages (
      id uuid PRIMARY KEY, room uuid NOT NULL, sender_id uuid NOT NULL, client_id uuid NOT NULL, body text NOT NULL,
      created_at timestamptz NOT NULL
    )`;
  await sql`CREATE INDEX messages_by_room ON messages (room, created_at)`;
  await sql.end();
  return url;
};
