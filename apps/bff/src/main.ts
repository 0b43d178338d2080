import { ConfigError, readConfig } from '@chatapp/service/config';
import { runService, start } from '@chatapp/service/lifecycle';
import { createLog } from '@chatapp/service/log';
import { createMetrics } from '@chatapp/service/metrics';
import { connectRedis, redisTried } from '@chatapp/service/redis';
import { type Bff, createBff } from './bff.ts';
import { checkConfig, checkSecrets } from './check-config.ts';
import { settings } from './config.ts';
import type { SocketData } from './realtime/link.ts';

start(async () => {
  const config = checkConfig(readConfig(settings, process.env));
  await checkSecrets(config);
  const log = createLog({ service: 'bff', level: config.logLevel });
  const metrics = createMetrics('bff');
  const redis = connectRedis({
    url: config.redisUrl,
    password: config.redisPassword,
    role: 'commands',
    log,
    name: 'bff',
  });
  await redisTried(redis);
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
  // An issuer that is away is no reason not to serve; one that is not who the settings say is.
  await bff?.issuers.check().catch((cause) => {
    const names = config.furtherIssuers?.length ? 'OIDC_ISSUER or OIDC_FURTHER_ISSUERS' : 'OIDC_ISSUER';
    throw new ConfigError([`${names} must be as the issuer's discovery document names it (${cause.message})`]);
  });
});
