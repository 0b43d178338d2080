/**
 * The shard of a conversation: FNV-1a (32 bit) over the id's ASCII bytes, modulo the number of shards. One command stream and
 * one change channel a shard. `SHARDS` may never change for a database: the streams would no longer match.
 */
export const shardOf = (conversationId: string, shards: number): number => fnv1a(conversationId) % shards;

/** FNV-1a, 32 bit, of an ASCII text. http://www.isthe.com/chongo/tech/comp/fnv/ */
export const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};

/** Redis keys and channels of a shard; the braces are a hash tag in Redis Cluster. */
export const commandsKey = (shard: number): string => `commands:{${shard}}`;
export const changesChannel = (shard: number): string => `changes:{${shard}}`;
/** The channel on which one realtime node gets repeats and refusals of its own commands. */
export const nodeChannel = (nodeId: string): string => `node:${nodeId}`;
/** The stream of bus events. */
export const eventsKey = 'events';
