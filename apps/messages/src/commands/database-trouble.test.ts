import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { shardOf } from '@chatapp/contract/shard';
import { silentLog } from '@chatapp/service/log';
import postgres, { type Sql } from 'postgres';
import { ChaosProxy } from '../../../../chaos/proxy/proxy.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { openDatabase } from '../database.ts';
import { neverFails } from '../failpoint.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { testInstance } from '../testing/instance.ts';
import { testNode } from '../testing/node.ts';
import { edit, react, send } from '../testing/people.ts';
import { readPage } from '../timeline/timeline-store.ts';
import { addCommands, streamLength } from './command-stream-store.ts';
import { deadStreams, listDead } from './dead-letter-store.ts';
import { KnownHeads } from './known-heads.ts';
import { createQuickSave } from './quick-save.ts';
import { createSaveBatch, type SaveBatch } from './save-batch.ts';
import type { Task } from './task.ts';

let messages: TestMessages;
let owner: Sql;
let redis: TestRedis;

beforeAll(async () => {
  [redis, messages] = await Promise.all([testRedis(), testMessages()]);
  owner = postgres(messages.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner.unsafe('CREATE SEQUENCE messages.trouble');
  await owner.unsafe('GRANT USAGE ON SEQUENCE messages.trouble TO PUBLIC');
}, 60_000);
afterEach(async () => {
  await owner.unsafe('DROP TRIGGER IF EXISTS trouble ON messages.messages');
});
afterAll(async () => {
  await owner.end();
  await messages.close();
  await redis.stop();
});

/** From now on each row that is written does `act` before, whose count of how often it came goes on where the transaction does not: sequences never roll back. */
const cause = async (act: string) => {
  await owner.unsafe('ALTER SEQUENCE messages.trouble RESTART');
  await owner.unsafe(`
    CREATE OR REPLACE FUNCTION messages.trouble() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE n bigint;
    BEGIN
      n := nextval('messages.trouble');
      ${act}
      RETURN NEW;
    END $$`);
  await owner.unsafe(`
    CREATE OR REPLACE TRIGGER trouble BEFORE INSERT ON messages.messages FOR EACH ROW EXECUTE FUNCTION messages.trouble()`);
};
const timesTried = async () => Number((await owner`SELECT last_value FROM messages.trouble`)[0]?.last_value);
const history = async (c: string) => (await readPage(messages.sql, c, { side: 'newest' }, 100)).items;

const ways = [
  ['the checking way', () => messages.save],
  ['one statement', () => messages.quickSave],
] as const;

describe.each(ways)('trouble that passes, with %s', (_name, way) => {
  /** The head is known afterwards, so that the quick way is open. */
  const started = async () => {
    const c = crypto.randomUUID();
    await messages.save([send(c, { body: 'first' })]);
    return c;
  };

  it.each(['40001', '40P01', '57P01', '57P02', '57P03', '08000', '08006'])(
    '%s: the batch is tried again, and saved once',
    async (code) => {
      const c = await started();
      await cause(`IF n <= 2 THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '${code}'; END IF;`);
      const [outcome] = await way()([send(c, { body: 'second' })]);
      expect(outcome).toMatchObject({ kind: 'saved', answer: { ok: { seq: 2, rev: 2 } } });
      expect(await timesTried()).toBe(3);
      expect((await history(c)).map(({ body }) => body)).toEqual(['first', 'second']);
    },
  );

  it('the server ends the session in the middle of the statement', async () => {
    const c = await started();
    await cause('IF n <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;');
    const [outcome] = await way()([send(c, { body: 'second' })]);
    expect(outcome).toMatchObject({ kind: 'saved', answer: { ok: { seq: 2, rev: 2 } } });
    expect(await timesTried()).toBe(3);
    expect((await history(c)).map(({ body }) => body)).toEqual(['first', 'second']);
  });

  it('is given up after five attempts, with the error', async () => {
    const c = await started();
    await cause(`RAISE EXCEPTION 'trouble' USING ERRCODE = '40001';`);
    const error = await way()([send(c)]).catch((cause) => cause);
    expect(error.code).toBe('40001');
    expect(await timesTried()).toBe(5);
    expect(await history(c)).toHaveLength(1);
  });
});

describe('the writer', () => {
  it('goes on for as long as the trouble lasts, and sets nothing aside for it', async () => {
    const node = await testNode(redis.url, testShards);
    const instance = await testInstance({ redisUrl: redis.url, messages });
    const c = crypto.randomUUID();
    await cause(`IF n <= 12 THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '40P01'; END IF;`);
    const command = send(c);
    await node.ask(command);
    expect(await node.answer(command)).toMatchObject({ ok: { seq: 1 } });
    expect(await timesTried()).toBe(13);
    expect(await listDead(instance.redis, 'commands')).toEqual([]);
    await instance.stop();
    node.close();
  });

  it('tries what the database refuses five times, then sets it aside; what came with it is saved', async () => {
    const node = await testNode(redis.url, testShards);
    const instance = await testInstance({ redisUrl: redis.url, messages });
    const [c, bad] = [crypto.randomUUID(), send(crypto.randomUUID(), { body: 'poison' })];
    await cause(`IF NEW.client_id <> '${bad.clientId}' THEN PERFORM setval('messages.trouble', n - 1, n > 1);
      ELSE RAISE EXCEPTION 'no' USING ERRCODE = '23514'; END IF;`);
    await node.ask(bad);
    expect(await node.answer(bad)).toEqual({ error: { code: 'internal', temporary: false } });
    expect(await timesTried()).toBe(5);
    const good = send(c);
    await node.ask(good);
    expect(await node.answer(good)).toHaveProperty('ok');
    const dead = await listDead(instance.redis, 'commands');
    expect(dead.map(({ payload }) => JSON.parse(payload).clientId)).toEqual([bad.clientId]);
    await instance.stop();
    node.close();
  });

  it('sets aside once what cannot be read, however often its batch comes again', async () => {
    const c = crypto.randomUUID();
    await cause(`IF n <= 12 THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '40P01'; END IF;`);
    const instance = await testInstance({ redisUrl: redis.url, messages });
    await instance.redis.del(deadStreams.commands);
    await addCommands(instance.redis, shardOf(c, testShards), [{ op: 'unheard of' }, send(c)]);
    await eventually(async () => (await history(c)).length === 1, { timeoutMs: 20_000 });
    expect(await timesTried()).toBe(13);
    await eventually(async () => (await streamLength(instance.redis, shardOf(c, testShards))) === 0);
    expect((await listDead(instance.redis, 'commands')).map(({ reason }) => reason)).toEqual(['malformed']);
    await instance.stop();
  });

  it('sets aside once what the database refuses, also where what came with it fails for now', async () => {
    const node = await testNode(redis.url, testShards);
    const c = crypto.randomUUID();
    const [bad, late] = [send(c, { body: 'poison' }), send(c, { body: 'late' })];
    await cause(`IF NEW.client_id = '${bad.clientId}' THEN
        PERFORM setval('messages.trouble', n - 1, n > 1);
        RAISE EXCEPTION 'no' USING ERRCODE = '23514';
      END IF;
      IF n <= 7 THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '40P01'; END IF;`);
    await node.ask(bad, late);
    const instance = await testInstance({ redisUrl: redis.url, messages });
    await instance.redis.del(deadStreams.commands);
    expect(await node.answer(late)).toMatchObject({ ok: { seq: 1 } });
    expect(await node.answer(bad)).toEqual({ error: { code: 'internal', temporary: false } });
    expect(await timesTried()).toBe(8);
    const dead = await listDead(instance.redis, 'commands');
    expect(dead.map(({ payload }) => JSON.parse(payload).clientId)).toEqual([bad.clientId]);
    await instance.stop();
    node.close();
  });
});

describe('a commit whose outcome is unknown', () => {
  /** A pool behind a proxy that resets a connection at the first answer to what `marks` recognizes: the server did it, nobody heard. */
  const behindProxy = (marks: { readonly up?: string; readonly down?: string }, cutsMax: number) => {
    const { hostname, port } = new URL(messages.url);
    const proxy = new ChaosProxy({ targets: [{ hostname, port: Number(port) }] });
    const armed = new Set<unknown>();
    let cuts = 0;
    proxy.tap = (direction, chunk, link) => {
      const has = (mark: string | undefined) => mark !== undefined && Buffer.from(chunk).includes(mark);
      if (direction === 'up' && has(marks.up)) armed.add(link);
      if (direction === 'up' || !(armed.has(link) || has(marks.down)) || cuts >= cutsMax) return 'pass';
      cuts++;
      return 'reset';
    };
    const url = new URL(messages.url);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const sql = openDatabase({ url: url.href, poolMax: 2, leaseMs: 3000, log: silentLog() });
    const parts = {
      ...{ sql, shards: testShards, heads: new KnownHeads(), now: Date.now },
      ...{ newId: () => Bun.randomUUIDv7(), reach: neverFails },
    };
    const save = createSaveBatch(parts);
    const close = async () => {
      await sql.end({ timeout: 1 });
      proxy.stop();
    };
    return { save, quickSave: createQuickSave({ ...parts, save }), cuts: () => cuts, close };
  };
  /** Saved by whom nobody heard, so every one of them is a repeat. */
  const expectOnce = async (save: SaveBatch, tasks: readonly Task[], c: string) => {
    const outcomes = await save(tasks);
    expect(outcomes.map(({ kind }) => kind)).toEqual(tasks.map(() => 'repeated'));
    const saved = await history(c);
    expect(outcomes.flatMap(({ answer }) => ('ok' in answer ? [answer.ok] : []))).toHaveLength(tasks.length);
    return { outcomes, saved };
  };

  it('of sends, an edit and a reaction is settled by their keys: each once', async () => {
    const c = crypto.randomUUID();
    const through = behindProxy({ down: 'COMMIT\0' }, 2);
    const tasks = [send(c, { body: 'a' }), send(c, { body: 'b' }), edit(c, 1, { body: 'better' }), react(c, 2)];
    const { outcomes, saved } = await expectOnce(through.save, tasks, c);
    expect(through.cuts()).toBe(2);
    expect(saved.map(({ seq, rev, body, reactions }) => [seq, rev, body, reactions.length])).toEqual([
      [1, 3, 'better', 0],
      [2, 4, 'b', 1],
    ]);
    expect(outcomes[0]?.answer).toMatchObject({ ok: { id: saved[0]?.id ?? '', seq: 1 } });
    await through.close();
  });

  it('of sends in one statement is settled by the guard and the unique key: each once', async () => {
    const c = crypto.randomUUID();
    const body = `mark ${c}`;
    const through = behindProxy({ up: body }, 1);
    await through.quickSave([send(c, { body: 'first' })]);
    const { saved } = await expectOnce(through.quickSave, [send(c, { body }), send(c, { body })], c);
    expect(through.cuts()).toBe(1);
    expect(saved.map(({ seq, rev }) => [seq, rev])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    await through.close();
  });
});
