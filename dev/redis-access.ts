import type { Service } from './services.ts';

/** What a service may do in Redis. Patterns are Redis globs; `{*}` is any shard in braces. */
export type RedisAccess = {
  /** Keys that this service alone changes: every command on one key. */
  owns: readonly string[];
  /** Keys that another service works on too: these commands and no others. */
  shares: readonly { keys: string; commands: readonly string[] }[];
  /** Keys that one script works on at once; what it does to each of them is judged by the rules of that key. */
  joins?: readonly string[];
  publishes: readonly string[];
  hears: readonly string[];
};

/**
 * The Redis column of docs/architecture.md, "Who owns which data", as Redis enforces it. What realtime writes to `commands:{n}` names its sender,
 * and what messages publishes on `changes:{n}` is shown as saved: nobody else may do either.
 */
export const redisAccess: Record<Service, RedisAccess> = {
  bff: {
    owns: ['session:*', 'login:*', 'lock:refresh:*', 'limit:bff:*'],
    shares: [
      { keys: 'ticket:*', commands: ['set'] },
      { keys: 'events', commands: ['xadd'] },
    ],
    publishes: [],
    hears: [],
  },
  conversations: {
    owns: ['relay:{events}', 'limit:conversations:*'],
    shares: [{ keys: 'events', commands: ['xadd', 'xtrim', 'xread', 'xrevrange', 'eval'] }],
    joins: ['events', 'relay:{events}'],
    publishes: [],
    hears: [],
  },
  messages: {
    owns: ['lease:*', 'dead:*', 'limit:messages:*'],
    shares: [
      { keys: 'commands:{*}', commands: ['xread', 'xdel', 'xlen'] },
      { keys: 'events', commands: ['xadd', 'xread', 'xrevrange'] },
    ],
    publishes: ['changes:{*}', 'node:*'],
    hears: [],
  },
  realtime: {
    owns: ['presence:*', 'typing:*', 'limit:realtime:*'],
    shares: [
      { keys: 'commands:{*}', commands: ['xadd', 'xlen'] },
      // Whether anybody saves what is waiting.
      { keys: 'lease:*', commands: ['exists'] },
      { keys: 'ticket:*', commands: ['getdel'] },
      { keys: 'events', commands: ['xread', 'xrevrange'] },
    ],
    // Its own `node:<id>` too: a heartbeat shows that what is published still arrives.
    publishes: ['node:*', 'presence:*', 'typing:*'],
    hears: ['changes:{*}', 'node:*', 'presence:*', 'typing:*'],
  },
};

/** What every service needs to connect, to look whether Redis is well, and to put commands together, each of which is judged alone. */
const ofAll = ['ping', 'info', 'time', 'client|setname', 'multi', 'exec', 'discard'];

// By kind of value, so that a new command in an own key needs no change here; none of them reaches another key or lists the names of keys.
const kinds = ['@string', '@hash', '@set', '@sortedset', '@list', '@stream'];
const onAnyKind = 'del unlink exists expire expireat pexpire pexpireat persist ttl pttl eval evalsha'.split(' ');

/** The rules of a service's user, as `ACL SETUSER` and an ACL file take them (Redis 7: a pair of parentheses stands for itself alone). */
export function accessRules(service: Service): string {
  const { owns, shares, joins = [], publishes, hears } = redisAccess[service];
  const selectors = [
    selector([...kinds, ...onAnyKind], '~', owns),
    ...shares.map(({ keys, commands }) => selector(commands, '~', [keys])),
    selector(['eval'], '~', joins),
    selector(['publish'], '&', publishes),
    selector(['subscribe', 'unsubscribe'], '&', hears),
  ];
  return [...ofAll.map((command) => `+${command}`), ...selectors].filter((rule) => rule !== '').join(' ');
}

function selector(commands: readonly string[], sign: '~' | '&', patterns: readonly string[]): string {
  if (patterns.length === 0) return '';
  return `(${[...commands.map((command) => `+${command}`), ...patterns.map((pattern) => sign + pattern)].join(' ')})`;
}
