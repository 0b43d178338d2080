import { stat } from 'node:fs/promises';
import type { Log } from '@chatapp/service/log';
import { compileSchema } from '@chatapp/service/schema';
import { t } from 'elysia';
import type { Cluster, Instance } from './cluster.ts';

export interface WatchOptions {
  readonly clusters: readonly Cluster[];
  readonly intervalMs: number;
  /** A JSON file that names the instances of services, read again whenever it changes: `{ "messages": ["http://…"] }`. */
  readonly file: string | undefined;
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** An instance did not answer. */
  readonly onSilent?: (instance: Instance) => void;
}

export interface Watch {
  /** One round: the file, then every instance. */
  round(): Promise<void>;
  stop(): void;
}

const checkMs = 1000;

/** Keeps clusters as they are in truth: asks each instance for `/health/ready` again and again, and follows the file of destinations. */
export const watchClusters = (options: WatchOptions): Watch => {
  const { clusters, intervalMs, file, fetch, log } = options;
  const check = async (instance: Instance): Promise<void> => {
    try {
      const answer = await fetch(`${instance.url}/health/ready`, {
        redirect: 'manual',
        signal: AbortSignal.timeout(checkMs),
      });
      await answer.body?.cancel();
      instance.noteCheck(answer.ok ? 'ready' : answer.status === 503 ? 'draining' : 'silent');
    } catch {
      instance.noteCheck('silent');
      options.onSilent?.(instance);
    }
  };
  const follow = file === undefined ? undefined : followFile(file, clusters, log);

  let running: Promise<void> | undefined;
  const round = (): Promise<void> => {
    // One at a time: an instance that hangs must not pile up checks.
    running ??= (async () => {
      await follow?.();
      const before = clusters.map(({ available }) => available);
      await Promise.all(clusters.flatMap(({ instances }) => instances.map(check)));
      for (const [index, { name, available, instances }] of clusters.entries()) {
        if (available !== before[index]) log.warn({ service: name, available, of: instances.length }, 'instances');
      }
    })().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => void round(), intervalMs);
  timer.unref();
  return { round, stop: () => clearInterval(timer) };
};

const Destinations = compileSchema(
  t.Record(t.String(), t.Array(t.String({ pattern: '^https?://[^/?#]+$' }), { minItems: 1, maxItems: 100 })),
);

/** A file that cannot be read, or names no instances, changes nothing. */
const followFile = (path: string, clusters: readonly Cluster[], log: Log) => {
  let seenAt = -1;
  return async (): Promise<void> => {
    const writtenAt = await stat(path).then(
      (found) => found.mtimeMs,
      () => seenAt,
    );
    if (writtenAt === seenAt) return;
    seenAt = writtenAt;
    const content: unknown = await Bun.file(path)
      .json()
      .catch(() => undefined);
    // Before anything is replaced: half of a file is not what anybody wrote.
    if (
      !Destinations.check(content) ||
      !Object.values(content)
        .flat()
        .every((url) => URL.canParse(url))
    ) {
      log.error('the file of DESTINATIONS_FILE names no destinations: what was there before stays');
      return;
    }
    for (const cluster of clusters) {
      const urls = content[cluster.name];
      if (urls !== undefined) cluster.replace([...new Set(urls)]);
    }
    log.info({ services: Object.keys(content) }, 'destinations changed');
  };
};
