import type { Fault } from '../fault.ts';
import { killMessages } from './f01-kill-messages.ts';
import { crashAtFailpoints } from './f02-crash-at-failpoints.ts';
import { killRealtime } from './f03-kill-realtime.ts';
import { killBff } from './f04-kill-bff.ts';
import { killConversations } from './f05-kill-conversations.ts';
import { freezeServices } from './f06-freeze.ts';
import { freezeSubscriber } from './f07-freeze-subscriber.ts';
import { redisForgets } from './f08-redis-forgets.ts';
import { redisWithAof } from './f09-redis-aof.ts';
import { redisHangs } from './f11-redis-hangs.ts';
import { flushRedis } from './f16-flush.ts';
import { killPostgres } from './f17-kill-postgres.ts';
import { backendsKilled } from './f19-backends-killed.ts';
import { serializationStorm } from './f20-serialization.ts';
import { unknownCommit } from './f21-unknown-commit.ts';
import { poolExhausted } from './f23-pool-exhausted.ts';
import { cutsEverywhere } from './f26-cuts-everywhere.ts';
import { blackHole } from './f27-black-hole.ts';
import { slowNetwork } from './f28-slow-network.ts';
import { duplicates } from './f30-duplicates.ts';
import { poisonMessages } from './f32-poison.ts';
import { fullStream } from './f33-full-stream.ts';
import { slowClients } from './f34-slow-clients.ts';
import { reconnectStorm } from './f35-reconnect-storm.ts';
import { rollingRestart } from './f36-rolling-restart.ts';
import { hostilePayloads } from './f41-hostile-payloads.ts';
import { nemesis } from './nemesis.ts';

/** Every fault that can be done, in the order of the catalogue. */
export const faults: readonly Fault[] = [
  ...[killMessages, crashAtFailpoints, killRealtime, killBff, killConversations, freezeServices, freezeSubscriber],
  ...[redisForgets, redisWithAof, redisHangs, flushRedis, killPostgres, backendsKilled, serializationStorm],
  ...[unknownCommit, poolExhausted, cutsEverywhere, blackHole, slowNetwork, duplicates, poisonMessages, fullStream],
  ...[slowClients, reconnectStorm, rollingRestart, hostilePayloads, nemesis],
];

/** What the short form does, with `--short` as in CI: each kind of loss once, in five minutes together. */
export const shortFaults: readonly Fault[] = [
  ...[killMessages, killRealtime, killBff, redisForgets, killPostgres, unknownCommit, duplicates, rollingRestart],
];
