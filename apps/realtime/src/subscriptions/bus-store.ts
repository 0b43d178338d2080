import { encodeAnswers } from '@chatapp/contract/changes';
import { changesChannel, nodeChannel } from '@chatapp/contract/shard';
import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';

export interface BusOptions {
  /** A connection of its own. */
  readonly subscriber: Redis;
  readonly publisher: Redis;
  readonly nodeId: string;
  readonly shards: number;
  /** Further channels, with what takes a text that came on each. */
  readonly channels: ReadonlyMap<string, (text: string) => void>;
  readonly onChanges: (text: string) => void;
  readonly onAnswers: (text: string) => void;
  /** Subscribed, for the first time or again: what was published before is lost. */
  readonly onSubscribed: (time: 'first' | 'again') => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface Bus {
  /** Whether all channels are subscribed and what we publish comes back. */
  isListening(): boolean;
  /** Publishes to ourselves; breaks a connection on which nothing comes back, so that another one is made. Every two seconds. */
  beat(): Promise<void>;
}

const silentMaxMs = 6000;
/** A frame of nobody: what a node sends itself. */
const heartbeat = encodeAnswers([{ connection: '', frame: 0, answer: '' }]);

/**
 * Subscribes this node to the changes of every shard and to its own channel. A subscriber that Redis has dropped may look connected for ever
 * (security.md, trap 2), so a heartbeat goes the whole way round.
 */
export const createBus = (options: BusOptions): Bus => {
  const { subscriber, publisher, nodeId, clock, log } = options;
  const own = nodeChannel(nodeId);
  const takers = new Map<string, (text: string) => void>(options.channels);
  for (let shard = 0; shard < options.shards; shard++) takers.set(changesChannel(shard), options.onChanges);
  let isSubscribed = false;
  let times = 0;
  let heardAt = 0;
  let beatAt = 0;
  let ranAt = clock.now();

  takers.set(own, (text) => {
    heardAt = clock.now();
    if (text !== heartbeat) options.onAnswers(text);
  });

  const subscribe = async () => {
    try {
      await subscriber.subscribe(...takers.keys());
      isSubscribed = true;
      heardAt = clock.now();
      options.onSubscribed(times++ === 0 ? 'first' : 'again');
    } catch (error) {
      if (options.signal.aborted) return;
      log.warn({ error }, 'subscribing failed');
      subscriber.disconnect(true);
    }
  };

  subscriber.on('message', (channel: string, text: string) => {
    try {
      takers.get(channel)?.(text);
    } catch (error) {
      log.error({ error, channel }, 'what was published cannot be used');
    }
  });
  subscriber.on('close', () => {
    isSubscribed = false;
  });
  subscriber.on('ready', subscribe);
  if (subscriber.status === 'ready') subscribe();

  /** Redis may have dropped us meanwhile: what was published since is lost, and a new subscription looks for it. */
  const anew = (why: string) => {
    log.warn(why);
    heardAt = clock.now();
    subscriber.disconnect(true);
  };

  return {
    isListening: () => isSubscribed && clock.now() - heardAt < 2 * silentMaxMs,
    async beat() {
      const now = clock.now();
      const sleptMs = now - ranAt;
      ranAt = now;
      if (!isSubscribed || options.signal.aborted) return;
      if (sleptMs > silentMaxMs) return anew('this process stood still; subscribing on a new connection');
      if (beatAt > heardAt && now - heardAt > silentMaxMs) {
        return anew('nothing comes back from Redis; subscribing on a new connection');
      }
      await publisher.publish(own, heartbeat);
      beatAt = now;
    },
  };
};
