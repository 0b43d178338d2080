import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import type { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import { systemClock } from '@chatapp/resilience/clock';
import { connectDatabase } from '@chatapp/service/database';
import { appendEvents } from '@chatapp/service/event-stream';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import postgres, { type Sql } from 'postgres';
import { type TestDatabase, testDatabase } from '../../../../dev/testing/database.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { redisKinds, type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { newConversation } from '../conversations/conversation.ts';
import { insertConversation, lockConversation, recordChange } from '../conversations/conversation-store.ts';
import { conversationUpdated } from '../conversations/conversation-update.ts';
import { createRead, createTransact, type Database, openDatabase, type Transaction } from '../database.ts';
import { createBell } from './bell.ts';
import { type EventWork, startEventWork } from './event-work.ts';
import { relay } from './relay.ts';
import { lastKey } from './stream-store.ts';

const log = silentLog();
const ann = crypto.randomUUID();

describe.each(redisKinds())('the relay with a Redis that is %s', (kind) => {
  let database: TestDatabase;
  let server: TestRedis;
  let sql: Sql;
  let db: Database;
  let redis: Redis;
  const works: { stop(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    server = await testRedis(kind);
    redis = connectRedis({ url: server.url, role: 'commands', log });
    await redisReady(redis);
  }, 60_000);
  beforeEach(async () => {
    await redis.flushall();
    database = await testDatabase('conversations');
    sql = connectDatabase({ url: database.url, poolMax: 6, log, name: 'test' });
    db = openDatabase(sql);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(works.splice(0).map((work) => work.stop()));
    await sql.end({ timeout: 1 });
    await database.close();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const startWork = (): EventWork => {
    const reader = connectRedis({ url: server.url, role: 'blocking', log });
    const now = () => new Date();
    const work = startEventWork({
      db,
      read: createRead(db),
      redis,
      reader,
      log,
      leaseMs: 500,
      now,
      clock: systemClock,
    });
    works.push(work);
    return work;
  };
  /** The relay alone, in batches of a size, without a lease. */
  const startRelay = async (batchMax: number, watched = log, through = redis) => {
    await sql`INSERT INTO leases (name, owner, expires_at) VALUES ('relay', 'test', now())`;
    const ending = new AbortController();
    const options = {
      db,
      redis: through,
      bell: createBell(),
      log: watched,
      now: () => new Date(),
      pollMs: 20,
      batchMax,
    };
    const done = relay(options, ending.signal);
    works.push({
      stop: () => {
        ending.abort();
        return done;
      },
    });
  };
  const transact = <T>(work: (tx: Transaction) => Promise<T>) => createTransact(db, () => {})(work);

  const makeConversation = async (): Promise<string> => {
    const row = newConversation({
      id: crypto.randomUUID(),
      kind: 'group',
      createdBy: ann,
      at: new Date(),
      name: 'Group',
      topic: null,
      avatarUrl: null,
    });
    await transact((tx) => insertConversation(tx, row));
    return row.id;
  };
  const rename = async (tx: Transaction, id: string, name: string) => {
    const before = await lockConversation(tx, id);
    const events = [() => conversationUpdated({ name })];
    await recordChange(tx, { before, set: { name }, actor: ann, at: new Date(), events });
  };
  const renameTimes = async (id: string, times: number) => {
    for (let time = 0; time < times; time++) await transact((tx) => rename(tx, id, `Name ${time}`));
  };

  const stream = async (): Promise<BusEvent[]> =>
    (await redis.xrange(eventsKey, '-', '+')).map(([, fields]) => JSON.parse(fields[1] ?? ''));
  /** What a consumer sees that drops ids it knows. */
  const deduplicated = async () =>
    [...new Map((await stream()).reverse().map((event) => [event.id, event])).values()].reverse();
  const versionsOf = (events: BusEvent[], id: string) =>
    events.filter((event) => event.conversationId === id).map((event) => event.version);
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const unsent = async () => Number((await sql`SELECT count(*) FROM outbox WHERE sent_hour IS NULL`)[0]?.count);
  const allSent = () => eventually(async () => (await unsent()) === 0, { timeoutMs: 10_000 });

  it('appends each event once, in order within each conversation', async () => {
    startWork();
    const ids = [await makeConversation(), await makeConversation(), await makeConversation()];
    await Promise.all(ids.map((id) => renameTimes(id, 8)));
    await allSent();
    const events = await stream();
    expect(events).toHaveLength(24);
    for (const id of ids) expect(versionsOf(events, id)).toEqual(upTo(8));
  });

  it('keeps the order in small batches, and starves nobody', async () => {
    const ids = [await makeConversation(), await makeConversation(), await makeConversation()];
    await renameTimes(ids[0] ?? '', 7);
    await renameTimes(ids[1] ?? '', 1);
    await renameTimes(ids[2] ?? '', 4);
    await startRelay(3);
    await allSent();
    const events = await stream();
    expect(events).toHaveLength(12);
    expect(ids.map((id) => versionsOf(events, id))).toEqual([upTo(7), upTo(1), upTo(4)]);
  });

  it('misses no event whose transaction commits late', async () => {
    startWork();
    const [slow, quick] = [await makeConversation(), await makeConversation()];
    const [written, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = transact(async (tx) => {
      await rename(tx, slow, 'Late');
      written.resolve();
      await commit.promise;
    });
    await written.promise;
    await renameTimes(quick, 2);
    await eventually(async () => versionsOf(await stream(), quick).length === 2);
    commit.resolve();
    await late;
    await allSent();
    expect(versionsOf(await stream(), slow)).toEqual([1]);
  });

  it('hobby: dual write: an event survives a Redis that is down during the commit, and arrives once, in order', async () => {
    const work = startWork();
    const id = await makeConversation();
    await renameTimes(id, 2);
    work.wake();
    await allSent();
    server.kill();
    await renameTimes(id, 3);
    work.wake();
    expect(await unsent()).toBe(3);
    await server.start();
    await redisReady(redis);
    await allSent();
    // It came back empty, so the first two were relayed again.
    await eventually(async () => (await deduplicated()).length === 5, { timeoutMs: 10_000 });
    expect(versionsOf(await deduplicated(), id)).toEqual(upTo(5));
  }, 60_000);

  it('relays the last day again when Redis was wiped, once', async () => {
    startWork();
    const id = await makeConversation();
    await renameTimes(id, 4);
    await allSent();
    const last = await redis.get(lastKey);
    await redis.flushall();
    await eventually(async () => (await stream()).length >= 4, { timeoutMs: 10_000 });
    await allSent();
    expect(versionsOf(await stream(), id)).toEqual(upTo(4));
    expect(await redis.get(lastKey)).toBe(last);
    await renameTimes(id, 1);
    await allSent();
    expect(versionsOf(await stream(), id)).toEqual(upTo(5));
  });

  it('relays a long day again in small steps, all of it also where a step fails', async () => {
    await startRelay(20);
    const ids = [await makeConversation(), await makeConversation(), await makeConversation()];
    for (const id of ids) await renameTimes(id, 7);
    await allSent();
    const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner.unsafe(`
      CREATE SEQUENCE conversations.steps;
      GRANT USAGE ON SEQUENCE conversations.steps TO PUBLIC;
      CREATE FUNCTION conversations.watch_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM changed) > 20 THEN RAISE 'a step too long'; END IF;
        IF nextval('conversations.steps') = 2 THEN RAISE 'a step that fails'; END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER watch_step AFTER UPDATE ON conversations.outbox REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION conversations.watch_step()`);
    await owner.end();
    // Redis went back in time, to an event that the first step makes unsent again.
    const [early] = await sql`SELECT event_id FROM outbox ORDER BY sent_hour, subject_id, ordinal LIMIT 1`;
    await redis.multi().flushall().set(lastKey, early?.event_id).exec();
    await eventually(async () => (await stream()).length >= 21, { timeoutMs: 10_000 });
    await allSent();
    const events = await stream();
    expect(ids.map((id) => versionsOf(events, id))).toEqual(ids.map(() => upTo(7)));
  });

  it('sees a wipe that came between two batches', async () => {
    await startRelay(500);
    const id = await makeConversation();
    await renameTimes(id, 3);
    await allSent();
    await redis.multi().flushall().exec();
    await renameTimes(id, 1);
    await eventually(async () => (await deduplicated()).length === 4);
    expect(versionsOf(await deduplicated(), id)).toEqual(upTo(4));
    await allSent();
  });

  it('sees a wipe that comes after the last look, right before the appending', async () => {
    const wipe = { isDue: false };
    const wiped = new Proxy(redis, {
      get: (target, name) => {
        if (name !== 'eval') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
        return async (...words: Parameters<Redis['eval']>) => {
          if (wipe.isDue) await target.flushall();
          wipe.isDue = false;
          return await target.eval(...words);
        };
      },
    });
    await startRelay(500, log, wiped);
    const id = await makeConversation();
    await renameTimes(id, 3);
    await allSent();
    wipe.isDue = true;
    await renameTimes(id, 1);
    await allSent();
    expect(versionsOf(await stream(), id)).toEqual(upTo(4));
  });

  it('repeats after a crash between appending and marking only what was not marked', async () => {
    const id = await makeConversation();
    await renameTimes(id, 2);
    const work = startWork();
    await allSent();
    await work.stop();
    works.length = 0;
    await renameTimes(id, 1);
    const [row] = await sql<{ event: string }[]>`SELECT event FROM outbox WHERE sent_hour IS NULL`;
    const crashed: BusEvent = JSON.parse(row?.event ?? '');
    await appendEvents(redis, [crashed]);
    await redis.set(lastKey, crashed.id);
    startWork();
    await allSent();
    await renameTimes(id, 1);
    await allSent();
    expect(versionsOf(await stream(), id)).toEqual([1, 2, 3, 3, 4]);
    expect(versionsOf(await deduplicated(), id)).toEqual(upTo(4));
  });

  it('is done by one of two instances, and by the other when that one ends', async () => {
    const [first, second] = [startWork(), startWork()];
    const id = await makeConversation();
    await renameTimes(id, 3);
    await allSent();
    await first.stop();
    await renameTimes(id, 3);
    second.wake();
    await allSent();
    expect(versionsOf(await stream(), id)).toEqual(upTo(6));
  });

  it('takes over from a holder that died', async () => {
    await sql`INSERT INTO leases (name, owner, expires_at) VALUES ('relay', 'dead', now() + interval '700 milliseconds')`;
    startWork();
    const id = await makeConversation();
    await renameTimes(id, 1);
    await allSent();
    const [lease] = await sql`SELECT owner FROM leases WHERE name = 'relay'`;
    expect(lease?.owner).not.toBe('dead');
  });

  it('deletes what it relayed more than a day ago, and keeps the rest', async () => {
    const id = await makeConversation();
    await renameTimes(id, 3);
    const hour = Math.floor(Date.now() / 3_600_000);
    await sql`UPDATE outbox SET sent_hour = ${hour - 26} WHERE ordinal = 1`;
    await sql`UPDATE outbox SET sent_hour = ${hour - 23} WHERE ordinal = 2`;
    await startRelay(500);
    await eventually(async () => (await sql`SELECT 1 FROM outbox`).length === 2);
    const left = await sql<{ ordinal: string }[]>`SELECT ordinal FROM outbox ORDER BY ordinal`;
    expect(left.map((row) => Number(row.ordinal))).toEqual([2, 3]);
  });

  it('goes on after a fault of the database', async () => {
    let faults = 0;
    const watched = silentLog();
    watched.warn = () => void faults++;
    await startRelay(500, watched);
    const id = await makeConversation();
    await renameTimes(id, 1);
    await allSent();
    await sql`ALTER TABLE outbox RENAME TO outbox_away`;
    await eventually(() => faults > 0);
    await sql`ALTER TABLE outbox_away RENAME TO outbox`;
    await renameTimes(id, 1);
    await allSent();
    expect(versionsOf(await stream(), id)).toEqual(upTo(2));
  });

  it('stops at once while Redis is away', async () => {
    const work = startWork();
    await allSent();
    server.kill();
    const began = performance.now();
    await work.stop();
    expect(performance.now() - began).toBeLessThan(1500);
    await server.start();
    await redisReady(redis);
  }, 60_000);

  describe('conversation.active', () => {
    const active = (conversationId: string, at: Date, instant = at.toISOString()): BusEvent => ({
      id: crypto.randomUUID(),
      type: 'conversation.active',
      v: 1,
      at: at.toISOString(),
      actor: null,
      conversationId,
      version: null,
      data: { lastActivityAt: instant },
      traceparent: null,
    });
    const activityOf = async (id: string) =>
      (await sql<{ at: Date }[]>`SELECT last_activity_at AS at FROM conversations WHERE id = ${id}`)[0]?.at;
    const isActiveAt = (id: string, at: Date) =>
      eventually(async () => new Date((await activityOf(id)) ?? 0).getTime() === at.getTime(), { timeoutMs: 10_000 });

    it('moves the last activity forward, never back', async () => {
      startWork();
      const [one, other] = [await makeConversation(), await makeConversation()];
      const [later, earlier] = [new Date(Date.now() + 60_000), new Date(Date.now() + 30_000)];
      await appendEvents(redis, [active(one, later), active(one, earlier), active(crypto.randomUUID(), later)]);
      await appendEvents(redis, [active(other, earlier)]);
      await isActiveAt(other, earlier);
      await isActiveAt(one, later);
    });

    it.each(['2026-13-01T00:00:00Z', '0000-01-01T00:00:00Z'])(
      'passes over an impossible instant, %s',
      async (instant: string) => {
        startWork();
        const [one, other, later] = [await makeConversation(), await makeConversation(), new Date(Date.now() + 60_000)];
        await appendEvents(redis, [active(one, later, instant), active(other, later)]);
        await isActiveAt(other, later);
      },
    );

    it('counts what was said while nobody read, and after a wipe', async () => {
      const id = await makeConversation();
      const first = startWork();
      await appendEvents(redis, [active(id, new Date(Date.now() + 1000))]);
      await eventually(async () => (await sql`SELECT place FROM leases WHERE name = 'activity'`)[0]?.place);
      await first.stop();
      const missed = new Date(Date.now() + 90_000);
      await appendEvents(redis, [active(id, missed)]);
      startWork();
      await isActiveAt(id, missed);
      await redis.flushall();
      const afterWipe = new Date(Date.now() + 120_000);
      await appendEvents(redis, [active(id, afterWipe)]);
      await isActiveAt(id, afterWipe);
    });
  });
});
