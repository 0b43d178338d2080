import { readConfig } from '@chatapp/service/config';
import { runService, start } from '@chatapp/service/lifecycle';
import { createLog } from '@chatapp/service/log';
import { createMetrics } from '@chatapp/service/metrics';
import { connectRedis } from '@chatapp/service/redis';
import { type Bff, createBff } from './bff.ts';
import { checkConfig, settings } from './config.ts';
import type { SocketData } from './realtime/link.ts';

start(async () => {
  const config = checkConfig(readConfig(settings, process.env));
  const log = createLog({ service: 'bff', level: config.logLevel });
  const metrics = createMetrics('bff');
  const redis = connectRedis({ url: config.redisUrl, role: 'commands', log, name: 'bff' });
  let bff: Bff | undefined;
  runService<SocketData>({
    log,
    closers: [['Redis', () => redis.disconnect()]],
    drain: async () => bff?.relay.drain(),
    serve: (draining) => {
      bff = createBff({ config, redis, log, metrics, fetch, now: Date.now, random: Math.random, draining });
      return { ...config, fetch: bff.fetch, websocket: bff.websocket, log };
    },
  });
});
