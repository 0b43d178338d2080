import type { Fault } from '../fault.ts';
import { killMessages } from './f01-kill-messages.ts';
import { killRealtime } from './f03-kill-realtime.ts';
import { killConversations } from './f05-kill-conversations.ts';
import { redisForgets } from './f08-redis-forgets.ts';
import { flushRedis } from './f16-flush.ts';
import { killPostgres } from './f17-kill-postgres.ts';
import { rollingRestart } from './f36-rolling-restart.ts';

/** Every fault that can be done, in the order of the catalogue. */
export const faults: readonly Fault[] = [
  killMessages,
  killRealtime,
  killConversations,
  redisForgets,
  flushRedis,
  killPostgres,
  rollingRestart,
];

/** What the short form does: each kind of loss once. */
export const shortFaults: readonly Fault[] = [killMessages, killRealtime, redisForgets, killPostgres, rollingRestart];
