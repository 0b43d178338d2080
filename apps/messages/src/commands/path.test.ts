import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import type { Command } from '@chatapp/contract/commands';
import { Message } from '@chatapp/contract/shapes';
import { commandsKey, shardOf } from '@chatapp/contract/shard';
import { systemClock } from '@chatapp/resilience/clock';
import { compileSchema } from '@chatapp/service/schema';
import postgres from 'postgres';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { redisKinds, type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { type TestInstance, type TestInstanceOptions, testInstance } from '../testing/instance.ts';
import { type TestNode, testNode } from '../testing/node.ts';
import { ann, bob, edit, react, read, remove, send } from '../testing/people.ts';
import { listDead } from './dead-letter-store.ts';

const message = compileSchema(Message);

describe.each(redisKinds())('the path of a message, with the Redis called %s', (kind) => {
  let redis: TestRedis;
  let messages: TestMessages;
  let node: TestNode;
  const instances: TestInstance[] = [];

  const start = async (over: Partial<TestInstanceOptions> = {}) => {
    const instance = await testInstance({ redisUrl: redis.url, messages, ...over });
    instances.push(instance);
    return instance;
  };
  const rows = (c: string) =>
    messages.sql<{ seq: number; client_id: string; body: string }[]>`
      SELECT seq, client_id, body FROM messages WHERE conversation_id = ${c} ORDER BY seq`;
  const waiting = async (instance: TestInstance) => {
    const lengths = Array.from({ length: testShards }, (_, shard) => instance.redis.xlen(commandsKey(shard)));
    return (await Promise.all(lengths)).reduce((sum, length) => sum + length, 0);
  };

  beforeAll(async () => {
    redis = await testRedis(kind);
    messages = await testMessages();
    node = await testNode(redis.url, testShards);
  });
  afterEach(async () => {
    await Promise.all(instances.splice(0).map((instance) => instance.stop()));
  });
  afterAll(async () => {
    node.close();
    await messages.close();
    await redis.stop();
  });

  it('hobby: no acknowledgement: answers the asker with id, seq and rev', async () => {
    await start();
    const c = crypto.randomUUID();
    const command = send(c);
    await node.ask(command);
    const [row] = await eventually(async () => {
      const found = await messages.sql`SELECT id, seq FROM messages WHERE conversation_id = ${c}`;
      return found.length > 0 && found;
    });
    expect(await node.answer(command)).toMatchObject({ ok: { id: row?.id, seq: 1, rev: 1 } });
  });

  it('publishes the frame that sockets get, once for all that changed in a shard', async () => {
    await start();
    const c = crypto.randomUUID();
    const commands = [send(c, { body: 'a' }), send(c, { body: 'b' }), edit(c, 1), react(c, 2), remove(c, 1)];
    await node.ask(...commands);
    await Promise.all(commands.map((command) => node.answer(command)));
    const pushed = node.changes.filter(({ topic }) => topic === `c:${c}`);
    expect(pushed.map(({ rev }) => rev)).toEqual([1, 2, 3, 4, 5]);
    for (const { rev, frame } of pushed) {
      const push = JSON.parse(frame);
      expect(push).toMatchObject({ e: 'message', c, rev, message: { conversationId: c, rev } });
      expect(message.faults(push.message)).toEqual([]);
    }
  });

  it('hobby: shown before saved: the row is there when its publish arrives', async () => {
    await start();
    const outside = postgres(messages.ownerUrl, { max: 2, onnotice: () => undefined });
    // The commit itself takes its time: whatever is published before it arrives while nobody else sees the row.
    await outside.unsafe(`
      CREATE FUNCTION messages.linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$`);
    await outside.unsafe(`
      CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON messages.messages DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION messages.linger()`);
    const c = crypto.randomUUID();
    const seen: Promise<boolean>[] = [];
    node.onChange = ({ topic, rev }) => {
      if (topic !== `c:${c}`) return;
      seen.push(
        outside`SELECT 1 FROM messages.messages WHERE conversation_id = ${c} AND seq = ${rev}`.then(
          ({ count }) => count === 1,
        ),
      );
    };
    const commands = Array.from({ length: 5 }, () => send(c));
    for (const command of commands) await node.ask(command);
    await Promise.all(commands.map((command) => node.answer(command)));
    node.onChange = undefined;
    expect(await Promise.all(seen)).toEqual([true, true, true, true, true]);
    await outside.unsafe('DROP TRIGGER linger ON messages.messages');
    await outside.unsafe('DROP FUNCTION messages.linger()');
    await outside.end();
  });

  it('takes off the stream what is settled, and nothing before', async () => {
    const c = crypto.randomUUID();
    const command = send(c);
    await node.ask(command);
    const committed = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const instance = await start({
      save: async (tasks) => {
        const outcomes = await messages.save(tasks);
        if (tasks.length > 0) committed.resolve();
        await held.promise;
        return outcomes;
      },
    });
    await committed.promise;
    // In the database, and nobody was told.
    const isTaken = eventually(async () => (await waiting(instance)) === 0, { timeoutMs: 300 });
    const wasTaken = await isTaken.catch(() => false);
    held.resolve();
    expect(wasTaken).toBe(false);
    await node.answer(command);
    await eventually(async () => (await waiting(instance)) === 0);
    expect(await rows(c)).toHaveLength(1);
  });

  it('does not read again what it settled itself when a shard comes back to it', async () => {
    const instance = await start();
    const c = crypto.randomUUID();
    for (let n = 0; n < 5; n++) {
      const command = send(c);
      await node.ask(command);
      await node.answer(command);
      // Another tenure, before settled entries have been gathered.
      await instance.leases.releaseAll();
      await instance.leases.tick();
    }
    await eventually(async () => (await waiting(instance)) === 0);
    expect(instance.kinds).toEqual(Array.from({ length: 5 }, () => 'saved'));
  });

  it('answers a repeat as the first time, and shows it again', async () => {
    await start();
    const c = crypto.randomUUID();
    const command = send(c);
    await node.ask(command);
    const first = await node.answer(command);
    await node.ask(command);
    await eventually(() => node.answers(command).length === 2);
    expect(await node.answer(command)).toEqual(first);
    const shown = node.changes.filter(({ topic }) => topic === `c:${c}`);
    expect(shown.map(({ rev, frame }) => [rev, frame])).toEqual([
      [1, shown[0]?.frame ?? ''],
      [1, shown[0]?.frame ?? ''],
    ]);
    expect(await rows(c)).toHaveLength(1);
  });

  it('tells a person’s other devices of a marker that moved, and nobody of one that did not', async () => {
    await start();
    const c = crypto.randomUUID();
    const commands = [send(c), read(c, { actorId: bob, seq: 1 }), read(c, { actorId: bob, seq: 1 })];
    await node.ask(...commands);
    for (const command of commands) expect(await node.answer(command)).toHaveProperty('ok');
    const told = node.changes.filter(({ topic }) => topic === `u:${bob}`);
    expect(told.map(({ rev, frame }) => ({ rev, ...JSON.parse(frame) }))).toEqual([
      { rev: 0, e: 'read', c, userId: bob, seq: 1, markedUnread: false },
    ]);
  });

  it('tells of a marker again where its command comes once more, as after a push that was lost', async () => {
    await start();
    const c = crypto.randomUUID();
    const reading = read(c, { actorId: bob, seq: 1, receipts: true });
    await node.ask(send(c), reading);
    await node.answer(reading);
    await node.ask(reading);
    expect(await node.answer(reading, 2)).toEqual({ ok: {} });
    const frames = (topic: string) =>
      node.changes
        .flatMap((change) => (change.topic === topic ? [JSON.parse(change.frame)] : []))
        .filter((frame) => frame.c === c);
    const [mine, shown] = [
      { e: 'read', c, userId: bob, seq: 1, markedUnread: false },
      { e: 'read', c, userId: bob, seq: 1 },
    ];
    await eventually(() => frames(`u:${bob}`).length === 2);
    expect(frames(`u:${bob}`)).toEqual([mine, mine]);
    expect(frames(`c:${c}`).filter(({ e }) => e === 'read')).toEqual([shown, shown]);
  });

  it('hobby: lost batch: a bad command fails alone, and all others are saved in order', async () => {
    const bad = crypto.randomUUID();
    // A constraint stands for whatever a database may refuse.
    const owner = postgres(messages.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner.unsafe(`ALTER TABLE messages.messages ADD CONSTRAINT poison CHECK (client_id <> '${bad}')`);
    const c = crypto.randomUUID();
    const commands = Array.from({ length: 40 }, (_, n) =>
      send(c, { body: `${n}`, ...(n === 17 ? { clientId: bad } : {}) }),
    );
    await node.ask(...commands);
    const instance = await start();
    for (const [n, command] of commands.entries()) {
      const answer = await node.answer(command);
      if (n === 17) expect(answer).toEqual({ error: { code: 'internal', temporary: false } });
      else expect(answer).toMatchObject({ ok: { seq: n < 17 ? n + 1 : n } });
    }
    expect((await rows(c)).map(({ body }) => body)).toEqual(
      commands.filter((_, n) => n !== 17).map(({ body }) => body),
    );
    const dead = await listDead(instance.redis, 'commands');
    expect(dead.map(({ reason, payload }) => ({ reason, clientId: JSON.parse(payload).clientId }))).toEqual([
      { reason: 'database error 23514', clientId: bad },
    ]);
    await eventually(async () => (await waiting(instance)) === 0);
    await owner.unsafe('ALTER TABLE messages.messages DROP CONSTRAINT poison');
    await owner.end();
  });

  it('sets aside what is no command, and goes on', async () => {
    const instance = await start();
    const c = crypto.randomUUID();
    const key = commandsKey(shardOf(c, testShards));
    const before = (await listDead(instance.redis, 'commands')).length;
    const good = { ...send(c), unknownField: 1 };
    await instance.redis.xadd(key, '*', 'v', '1', 'commands', '{');
    await instance.redis.xadd(key, '*', 'v', '2', 'commands', '[]');
    await instance.redis.xadd(key, '*', 'other', 'x');
    await instance.redis.xadd(key, '*', 'v', '1', 'commands', '['.repeat(50_000));
    await instance.redis.xadd(key, '*', 'v', '1', 'commands', JSON.stringify([{ op: 'send' }, good, 7]));
    await eventually(async () => (await rows(c)).length === 1);
    await eventually(async () => (await waiting(instance)) === 0);
    const dead = (await listDead(instance.redis, 'commands')).slice(before);
    expect(dead.map(({ reason }) => reason)).toEqual([
      ...['malformed', 'version', 'version', 'malformed', 'malformed', 'malformed'],
    ]);
  });

  it('hobby: N copies with N instances: two share the shards, and each message is saved once', async () => {
    const [first, second] = [await start({ leaseMs: 3000 }), await start({ leaseMs: 3000 })];
    await eventually(() => first.leases.held().size === 2 && second.leases.held().size === 2, { timeoutMs: 15_000 });
    expect([...first.leases.held().keys(), ...second.leases.held().keys()].sort()).toEqual(['0', '1', '2', '3']);
    const conversations = [0, 1, 2, 3].flatMap((shard) => [conversationIn(shard), conversationIn(shard)]);
    const commands = conversations.flatMap((c) => Array.from({ length: 5 }, () => send(c)));
    for (const command of commands) await node.ask(command);
    await Promise.all(commands.map((command) => node.answer(command)));
    for (const c of conversations) {
      const sent = commands.filter(({ conversationId }) => conversationId === c).map(({ clientId }) => clientId);
      expect((await rows(c)).map(({ client_id }) => client_id)).toEqual(sent);
      const shown = node.changes.filter(({ topic }) => topic === `c:${c}`).map(({ rev }) => rev);
      expect(shown).toEqual([1, 2, 3, 4, 5]);
    }
    await eventually(() => first.kinds.length + second.kinds.length >= 40);
    expect([first.kinds.length, second.kinds.length]).toEqual([20, 20]);
  });

  it('hands its shards over when it stops', async () => {
    const first = await start({ leaseMs: 20_000 });
    await eventually(() => first.leases.held().size === testShards);
    const second = await start({ leaseMs: 20_000 });
    await first.stop();
    instances.shift();
    await eventually(() => second.leases.held().size === testShards, { timeoutMs: 15_000 });
  });

  it('takes over at once what it held before it was killed, and nothing that another one holds', async () => {
    const [first, second] = [
      await start({ leaseMs: 8000, seat: 'here:1/' }),
      await start({ leaseMs: 8000, seat: 'here:11/' }),
    ];
    await eventually(() => second.leases.held().size === 2 && first.leases.held().size === 2, { timeoutMs: 15_000 });
    const [killed, kept] = [[...first.leases.held().keys()].sort(), [...second.leases.held().keys()].sort()];
    await first.kill();
    instances.splice(instances.indexOf(first), 1);
    const again = await start({ leaseMs: 8000, seat: 'here:1/' });
    await eventually(() => again.leases.held().size === 2, { timeoutMs: 5000 });
    expect([...again.leases.held().keys()].sort()).toEqual(killed);
    await second.leases.tick();
    expect([...second.leases.held().keys()].sort()).toEqual(kept);
  }, 30_000);

  it('cuts what it reads into batches of the size allowed', async () => {
    const sizes: number[] = [];
    const c = crypto.randomUUID();
    const commands = Array.from({ length: 25 }, () => send(c));
    for (const command of commands) await node.ask(command);
    await start({
      batchCommandsMax: 10,
      save: (tasks) => {
        sizes.push(tasks.length);
        return messages.save(tasks);
      },
    });
    await Promise.all(commands.map((command) => node.answer(command)));
    expect(sizes).toEqual([10, 10, 5]);
    expect((await rows(c)).map(({ client_id }) => client_id)).toEqual(commands.map(({ clientId }) => clientId));
  });

  it('waits for nothing when it is quiet, and gathers for up to five milliseconds when it is busy', async () => {
    const pauses: number[] = [];
    // A clock that stands: the whole of a pause is asked for, however long the batch took.
    const sleep = (ms: number, signal?: AbortSignal) => {
      pauses.push(ms);
      return systemClock.sleep(ms, signal);
    };
    const instance = await start({ pacing: { ...systemClock, now: () => 0, sleep } });
    await eventually(() => instance.leases.held().size === testShards);
    const c = crypto.randomUUID();
    const askAndWait = async (...commands: Command[]) => {
      await node.ask(...commands);
      for (const command of commands) await node.answer(command);
    };
    await askAndWait(send(c));
    pauses.length = 0;
    for (let n = 0; n < 10; n++) await askAndWait(send(c));
    expect(pauses).toEqual([]);
    for (let n = 0; n < 10; n++) await askAndWait(send(c), send(c));
    await eventually(() => pauses.length === 10);
    expect(new Set(pauses)).toEqual(new Set([5]));
  });

  it('tells the other services once that a conversation is active', async () => {
    const instance = await start();
    const c = crypto.randomUUID();
    const commands = [send(c), send(c), send(c, { actorId: ann })];
    for (const command of commands) {
      await node.ask(command);
      await node.answer(command);
    }
    const events = async () =>
      (await instance.redis.xrange('events', '-', '+'))
        .map(([, fields]) => JSON.parse(fields[1] ?? ''))
        .filter((event) => event.conversationId === c);
    await eventually(async () => (await events()).length > 0);
    expect(await events()).toMatchObject([{ type: 'conversation.active', version: null }]);
  });
});

const conversationIn = (shard: number): string => {
  for (;;) {
    const id = crypto.randomUUID();
    if (shardOf(id, testShards) === shard) return id;
  }
};
