import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';
import { answersPing, prepareRedis, redisServerPath, redisUrl } from './redis.ts';
import { type RedisAccess, redisAccess } from './redis-access.ts';
import { type RedisPasswords, redisUrlOf, redisUsers } from './redis-users.ts';
import type { Service } from './services.ts';
import { type Started, startReady } from './testing/started.ts';
import { temporaryFolder } from './testing/temporary.ts';

const services = Object.keys(redisAccess) as Service[];
const passwords = Object.fromEntries(redisUsers.map((name) => [name, `of-${name}`])) as RedisPasswords;

// Users are a matter of redis-server; in CI its absence is a failure, never a skip.
describe.skipIf(redisServerPath() === null && process.env.CI === undefined)('users of Redis', () => {
  let redis: Started;
  let root: Redis;
  let url: string;
  let folder: string;
  const start = async (port: number) => {
    const launch = await prepareRedis({ folder, port, kind: 'real', passwords });
    return startReady(launch, join(folder, 'log'), () => answersPing(redisUrl(port)));
  };
  const connectAs = (user: 'default' | Service) => new Redis(redisUrlOf(url, user, passwords));

  beforeAll(async () => {
    folder = temporaryFolder('redis-users');
    const port = await freePort();
    url = redisUrl(port);
    redis = await start(port);
    root = connectAs('default');
  });
  afterAll(async () => {
    root?.disconnect();
    await redis?.stop();
  });

  /** What Redis says to a command of a user; nothing where it would do it. */
  const refusal = async (user: Service, words: readonly string[]): Promise<string | undefined> => {
    const answer = String(await root.call('ACL', 'DRYRUN', user, ...words));
    return answer === 'OK' ? undefined : answer;
  };
  const whoMay = async (words: readonly string[]): Promise<Service[]> => {
    const may = await Promise.all(services.map(async (user) => (await refusal(user, words)) === undefined));
    return services.filter((_, at) => may[at]);
  };

  it('lets nobody in without a password, nor with that of another one', async () => {
    const connect = (user: string, password: string) => {
      const client = new Redis(url, { username: user, password, lazyConnect: true, retryStrategy: () => null });
      client.on('error', () => undefined);
      return client.connect().then(
        () => client.set('x', '1').finally(() => client.disconnect()),
        () => 'refused',
      );
    };
    const nobody = new Redis(url);
    nobody.on('error', () => undefined);
    await expect(nobody.set('x', '1')).rejects.toThrow('NOAUTH');
    nobody.disconnect();
    expect(await connect('realtime', passwords.bff)).toBe('refused');
    expect(await connect('default', passwords.default)).toBe('OK');
  });

  it('keeps digests of the passwords in a file for its owner alone', async () => {
    const file = join(folder, 'users.acl');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await Bun.file(file).text();
    for (const password of Object.values(passwords)) expect(text).not.toContain(password);
  });

  it.each([
    ['XADD commands:{0} * commands []', ['realtime']],
    ['XREAD COUNT 1 STREAMS commands:{0} commands:{1} 0 0', ['messages']],
    ['XDEL commands:{0} 1-1', ['messages']],
    ['DEL commands:{0}', []],
    ['XTRIM commands:{0} MAXLEN 0', []],
    ['PUBLISH changes:{0} saved', ['messages']],
    ['SUBSCRIBE changes:{0} node:1 presence:all typing:all', ['realtime']],
    ['PSUBSCRIBE *', []],
    ['PUBLISH node:1 answer', ['messages', 'realtime']],
    ['PUBLISH presence:all here', ['realtime']],
    ['PUBLISH typing:all here', ['realtime']],
    ['XADD events * event {}', ['bff', 'conversations', 'messages']],
    ['XREAD COUNT 1 STREAMS events 0', ['conversations', 'messages', 'realtime']],
    ['XTRIM events MINID ~ 1', ['conversations']],
    ['DEL events', []],
    ['SET relay:{events} id', ['conversations']],
    ['EVAL script 2 events relay:{events}', ['conversations']],
    ['EVAL script 2 events session:1', []],
    ['GET session:1', ['bff']],
    ['SET session:1 box', ['bff']],
    ['ZADD session:user:1 1 sid', ['bff']],
    ['SET login:state box', ['bff']],
    ['SET lock:refresh:1 me', ['bff']],
    ['SET ticket:1 grant', ['bff']],
    ['GETDEL ticket:1', ['realtime']],
    ['GET ticket:1', []],
    ['SET lease:0 me', ['messages']],
    ['EXISTS lease:0', ['messages', 'realtime']],
    ['XADD dead:commands * reason x', ['messages']],
    ['HSET presence:1 user online', ['realtime']],
    ['INCRBY limit:bff:x 1', ['bff']],
    ['INCRBY limit:conversations:x 1', ['conversations']],
    ['INCRBY limit:messages:x 1', ['messages']],
    ['INCRBY limit:realtime:x 1', ['realtime']],
    ['MSET limit:bff:x 1 limit:realtime:x 1', []],
    ...[
      ...[
        'FLUSHALL',
        'FLUSHDB',
        'KEYS *',
        'SCAN 0',
        'RANDOMKEY',
        'DBSIZE',
        'SWAPDB 0 1',
        'SELECT 1',
        'RENAME session:1 limit:realtime:1',
      ],
      ...[
        'CONFIG GET *',
        'ACL LIST',
        'ACL SETUSER bff ~*',
        'CLIENT LIST',
        'CLIENT KILL ID 1',
        'MONITOR',
        'DEBUG SLEEP 1',
        'SHUTDOWN',
      ],
      ...['SCRIPT FLUSH', 'FUNCTION FLUSH', 'REPLICAOF a 1', 'PUBSUB CHANNELS', 'SAVE', 'MIGRATE a 1 session:1 0 1'],
    ].map((line): [string, Service[]] => [line, []]),
  ] as [string, Service[]][])('%s: %j and nobody else', async (line, allowed) => {
    expect(await whoMay(line.split(' '))).toEqual(allowed);
  });

  const refusesAll = async (user: Service, commands: readonly string[][]) => {
    const answers = await Promise.all(commands.map((words) => refusal(user, words)));
    const done = commands.filter((_, at) => answers[at] === undefined).map((words) => words.join(' '));
    expect(done).toEqual([]);
    expect(commands.length).toBeGreaterThan(5);
  };

  it.each(services)('refuses %s every command on keys that are none of its affairs', async (user) => {
    await refusesAll(user, foreignKeys(user).flatMap(everythingWith));
  });

  it.each(services)('refuses %s every command that it does not need on keys that it shares', async (user) => {
    const commands = redisAccess[user].shares.flatMap(({ keys, commands: allowed }) =>
      everythingWith(example(keys)).filter(([name = '']) => !allowed.includes(name.toLowerCase())),
    );
    await refusesAll(user, commands);
  });

  it.each(services)('refuses %s every channel but its own, in the direction that is its own', async (user) => {
    const { publishes, hears } = redisAccess[user];
    const all = services.flatMap((name) => [...redisAccess[name].publishes, ...redisAccess[name].hears]);
    const others = (own: readonly string[]) => [...all, '*'].filter((channel) => !own.includes(channel)).map(example);
    await refusesAll(user, [
      ...others(publishes).flatMap((channel) => [
        ['PUBLISH', channel, 'x'],
        ['SPUBLISH', channel, 'x'],
      ]),
      ...others(hears).flatMap((channel) => [
        ['SUBSCRIBE', channel],
        ['SSUBSCRIBE', channel],
        ['PSUBSCRIBE', channel],
      ]),
    ]);
  });

  it.each(services)('does for %s what is its own affair', async (user) => {
    const { owns, shares, publishes, hears } = redisAccess[user];
    const wanted = [
      ...owns.map(example).flatMap((key) => [
        ...[
          ['SET', key, 'x', 'PX', '1000', 'NX'],
          ['GETDEL', key],
          ['PEXPIRE', key, '1'],
          ['HSET', key, 'a', '1'],
        ],
        ...[
          ['ZADD', key, '1', 'a'],
          ['XADD', key, '*', 'a', '1'],
          ['EVAL', 'return 1', '1', key],
        ],
      ]),
      ...shares.flatMap(({ keys, commands }) =>
        everythingWith(example(keys)).filter(([name = '']) => commands.includes(name.toLowerCase())),
      ),
      ...publishes.map((channel) => ['PUBLISH', example(channel), 'x']),
      ...(hears.length > 0 ? [['SUBSCRIBE', ...hears.map(example)]] : []),
      ...[['PING'], ['TIME'], ['INFO'], ['CLIENT', 'SETNAME', 'x']],
    ];
    const answers = await Promise.all(wanted.map((words) => refusal(user, words)));
    expect(answers.filter((answer) => answer !== undefined)).toEqual([]);
  });

  it('refuses in earnest: a forged command, a forged change, a foreign session, also out of a script', async () => {
    const conversations = connectAs('conversations');
    await expect(conversations.xadd('commands:{0}', '*', 'commands', '[]')).rejects.toThrow('NOPERM');
    await expect(conversations.publish('changes:{0}', 'saved')).rejects.toThrow('NOPERM');
    await expect(conversations.get('session:1')).rejects.toThrow('NOPERM');
    await root.set('session:1', 'box');
    const peep = "return redis.call('get', 'session:1')";
    await expect(conversations.eval(peep, 1, 'limit:conversations:x')).rejects.toThrow("can't access");
    expect(await conversations.set('relay:{events}', 'id')).toBe('OK');
    conversations.disconnect();
  });

  it('knows its users again after a kill', async () => {
    redis.kill();
    redis = await start(Number(new URL(url).port));
    const realtime = connectAs('realtime');
    expect(await realtime.xadd('commands:{0}', '*', 'commands', '[]')).toBeString();
    await expect(realtime.xdel('commands:{0}', '1-1')).rejects.toThrow('NOPERM');
    realtime.disconnect();
  });
});

/** A name that a pattern matches. */
const example = (pattern: string): string => pattern.replace('{*}', '{0}').replace(/\*$/, 'x');

const keysOf = ({ owns, shares }: RedisAccess): string[] => [...owns, ...shares.map(({ keys }) => keys)];

/** Keys of which a service's table says nothing: those of the others, one of nobody, and near misses of its own. */
function foreignKeys(user: Service): string[] {
  const own = keysOf(redisAccess[user]);
  const others = services.flatMap((name) => keysOf(redisAccess[name])).filter((keys) => !own.includes(keys));
  return [...new Set(others.map(example)), 'unheard-of', ...own.map((keys) => `x${example(keys)}`)];
}

/** What can be done with a key, as far as it differs in what Redis asks of a user. */
const commandsOnAKey = [
  ...['GET k', 'SET k x', 'GETDEL k', 'DEL k', 'UNLINK k', 'EXISTS k', 'EXPIRE k 1', 'TTL k', 'COPY k k', 'DUMP k'],
  ...['RESTORE k 0 x', 'INCR k', 'HGETALL k', 'HSET k a 1', 'SADD k a', 'ZADD k 1 a', 'ZRANGE k 0 -1', 'LPUSH k a'],
  ...['XADD k * a 1', 'XDEL k 1-1', 'XTRIM k MAXLEN 0', 'XSETID k 1-1', 'XLEN k', 'XRANGE k - +', 'XREVRANGE k + -'],
  ...['XREAD STREAMS k 0', 'XGROUP CREATE k g 0', 'XINFO STREAM k', 'EVAL return 1 k', 'SORT k'],
];
const everythingWith = (key: string): string[][] =>
  commandsOnAKey.map((line) => line.split(' ').map((word) => (word === 'k' ? key : word)));
