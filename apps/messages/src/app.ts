import type { Authentication } from '@chatapp/service/authenticate';
import type { ReadyChecks } from '@chatapp/service/health';
import type { Log } from '@chatapp/service/log';
import type { Metrics } from '@chatapp/service/metrics';
import { serviceApp } from '@chatapp/service/service-app';
import type { Sql } from 'postgres';
import type { AccessCache } from './access/access.ts';
import type { ConversationsClient } from './access/conversations-client.ts';
import { commandRoutes } from './commands/command-routes.ts';
import type { RunCommand } from './commands/run-command.ts';
import { exportRoutes } from './export/export-routes.ts';
import { internalTimelineRoutes, timelineRoutes } from './timeline/timeline-routes.ts';
import { unreadRoutes } from './unread/unread-routes.ts';

export interface AppDependencies {
  readonly auth: Authentication;
  readonly access: AccessCache;
  readonly conversations: ConversationsClient;
  readonly sql: Sql;
  readonly shards: number;
  readonly run: RunCommand;
  readonly newId: () => string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly checks: ReadyChecks;
  readonly draining: () => boolean;
  readonly apiDocs?: boolean;
}

/** The whole HTTP surface of messages. */
export const createApp = (deps: AppDependencies) =>
  serviceApp({
    name: 'messages',
    about: 'Messages, their history and changes, reactions, read markers and unread counts.',
    log: deps.log,
    metrics: deps.metrics,
    checks: deps.checks,
    draining: deps.draining,
    apiDocs: deps.apiDocs ?? true,
  })
    .use(timelineRoutes(deps))
    .use(commandRoutes(deps))
    .use(unreadRoutes(deps))
    .use(exportRoutes(deps))
    .use(internalTimelineRoutes(deps));
