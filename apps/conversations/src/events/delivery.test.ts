import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { type TestProcess, testProcess } from '../../testing/process.ts';
import { type Call, type TestService, testService } from '../../testing/service.ts';
import { readStream, type StreamReader } from '../../testing/stream-reader.ts';

const isFull = process.env.PROOF === 'full';
const rounds = isFull ? 100 : 5;
const outageMs = isFull ? 60_000 : 3000;
const limitMs = 60_000 + rounds * 10_000 + outageMs;

let service: TestService;
let server: TestRedis;
let redis: Redis;
let reader: StreamReader;
let instance: TestProcess | undefined;
let ids: string[] = [];

beforeAll(async () => {
  [service, server] = await Promise.all([testService(), testRedis()]);
  redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
  await redisReady(redis);
  reader = readStream(server.url);
  ids = await Promise.all(Array.from({ length: 3 }, () => service.group()));
}, 120_000);
afterEach(() => instance?.kill());
afterAll(async () => {
  await reader.stop();
  redis.disconnect();
  await server.stop();
  await service.close();
});

const start = async (): Promise<Call> => {
  instance = await testProcess(service, { redisUrl: server.url });
  // A token of its own: the full form takes longer than one lasts.
  return service.callAt(instance.url, await service.issuer.personToken('ann'));
};
const rename = (ann: Call, id: string | undefined) =>
  ann('PATCH', `/conversations/${id}`, { name: crypto.randomUUID() });
/** Several at once in each conversation. Who is killed meanwhile answers no more. */
const renameAll = (ann: Call) => Promise.allSettled([...ids, ...ids, ...ids].map((id) => rename(ann, id)));
const unsent = async () => Number((await service.sql`SELECT count(*) FROM outbox WHERE sent_hour IS NULL`)[0]?.count);
const allSent = () => eventually(async () => (await unsent()) === 0, { timeoutMs: 20_000 });
/** While the test holds the lease no instance relays. */
const holdLease = () => service.sql`
  INSERT INTO leases (name, owner, expires_at) VALUES ('relay', 'test', now() + interval '1 hour')
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at`;
const giveLeaseUp = () =>
  service.sql`UPDATE leases SET expires_at = now() - interval '1 second' WHERE name = 'relay' AND owner = 'test'`;

/** What committed, by conversation, as the reader must have dealt with it. */
const committed = async (): Promise<string[][]> =>
  await Promise.all(
    ids.map(async (id) => {
      const rows = await service.sql<
        { id: string }[]
      >`SELECT event_id AS id FROM outbox WHERE subject_id = ${id} ORDER BY ordinal`;
      return rows.map((row) => row.id);
    }),
  );
const read = (): string[][] =>
  ids.map((id) => reader.events.filter((event) => event.conversationId === id).map((event) => event.id));
const everythingArrives = async () => {
  await allSent();
  const wanted = await committed();
  const count = wanted.flat().length;
  await eventually(() => read().flat().length >= count, { timeoutMs: 20_000 }).catch(() => undefined);
  expect(read()).toEqual(wanted);
  return count;
};

describe(`events, ${rounds} rounds each (PROOF=full: 100)`, () => {
  it(
    'arrive, in order, once without repeats, when their instance is killed between commit and relay',
    async () => {
      let waiting = 0;
      for (let round = 0; round < rounds; round++) {
        // In every second round nothing can be relayed before the kill; in the others the kill comes at any moment.
        const isHeld = round % 2 === 0;
        if (isHeld) await holdLease();
        const ann = await start();
        // The first answer takes longest: it fetches the issuer's keys.
        await rename(ann, ids[0]);
        if (!isHeld) await allSent();
        const answers = renameAll(ann);
        if (isHeld) await answers;
        else await Promise.race([answers, Bun.sleep(Math.random() * 60)]);
        await instance?.kill();
        await answers;
        if ((await unsent()) > 0) waiting++;
        if (isHeld) await giveLeaseUp();
      }
      await start();
      const count = await everythingArrives();
      console.log(
        `${rounds} kills, ${waiting} of them with events that waited; ${count} events, ${reader.entries} entries`,
      );
      expect(waiting).toBeGreaterThanOrEqual(Math.ceil(rounds / 2));
    },
    limitMs,
  );

  it(
    'arrive, in order, once without repeats, when Redis is wiped between relay and reading',
    async () => {
      const ann = await start();
      for (let round = 0; round < rounds; round++) {
        reader.pause();
        await renameAll(ann);
        await allSent();
        // New ones while it is wiped: they must not come before those that are relayed again.
        const more = renameAll(ann);
        await Bun.sleep(Math.random() * 10);
        await redis.flushall();
        await more;
        reader.resume();
      }
      const count = await everythingArrives();
      console.log(`${rounds} wipes; ${count} events, ${reader.entries} entries`);
      expect(reader.entries).toBeGreaterThan(count);
    },
    limitMs,
  );

  it(
    `follow when Redis was away for ${outageMs / 1000} s, in which conversations go on`,
    async () => {
      const ann = await start();
      await allSent();
      const before = reader.events.length;
      server.kill();
      const endsAt = performance.now() + outageMs;
      let answered = 0;
      let slowestMs = 0;
      while (performance.now() < endsAt) {
        const began = performance.now();
        expect((await rename(ann, ids[answered % ids.length])).status).toBe(200);
        slowestMs = Math.max(slowestMs, performance.now() - began);
        answered++;
        await Bun.sleep(20);
      }
      expect(reader.events.length).toBe(before);
      await server.start();
      await everythingArrives();
      console.log(`${answered} changes without Redis, the slowest in ${slowestMs.toFixed(0)} ms`);
      expect(reader.events.length).toBe(before + answered);
    },
    limitMs,
  );
});
