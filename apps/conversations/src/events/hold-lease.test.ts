import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { connectDatabase } from '@chatapp/service/database';
import { silentLog } from '@chatapp/service/log';
import type { Sql } from 'postgres';
import { type TestDatabase, testDatabase } from '../../../../dev/testing/database.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { createRead, openDatabase, type Read } from '../database.ts';
import { holdLease } from './hold-lease.ts';

const leaseMs = 3000;

let database: TestDatabase;
let sql: Sql;
let read: Read;
beforeAll(async () => {
  database = await testDatabase('conversations');
  sql = connectDatabase({ url: database.url, poolMax: 4, log: silentLog(), name: 'test' });
  read = createRead(openDatabase(sql));
}, 60_000);
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await database.close();
});

/** Instances that want the same work, and which of them are at it. `away`: those that the database does not answer. */
const setUp = () => {
  const name = crypto.randomUUID();
  const working = new Set<string>();
  const away = new Set<string>();
  let mostAtOnce = 0;
  let turns = 0;
  const start = (owner: string) => {
    const ending = new AbortController();
    const mine: Read = (work) => (away.has(owner) ? Promise.reject(new Error('away')) : read(work));
    const work = async (held: AbortSignal) => {
      working.add(owner);
      turns++;
      mostAtOnce = Math.max(mostAtOnce, working.size);
      await new Promise((resolve) => held.addEventListener('abort', resolve));
      working.delete(owner);
    };
    const running = holdLease({
      ...{ read: mine, name, owner, leaseMs, work },
      log: silentLog(),
      signal: ending.signal,
    });
    return {
      stop: async () => {
        ending.abort();
        await running;
      },
    };
  };
  return { name, start, working, away, seen: () => ({ mostAtOnce, turns }) };
};
const endsAt = async (name: string): Promise<number> => {
  const [row] = await sql<{ at: Date }[]>`SELECT expires_at AS at FROM leases WHERE name = ${name}`;
  return new Date(row?.at ?? 0).getTime();
};

describe('holdLease', () => {
  it('lets one of three work, for longer than its lease, and the next when that one ends', async () => {
    const { name, start, working, seen } = setUp();
    const instances = new Map(['a', 'b', 'c'].map((owner) => [owner, start(owner)]));
    const order: string[] = [];
    while (instances.size > 0) {
      await eventually(() => working.size === 1, { timeoutMs: 10_000 });
      const [owner = ''] = working;
      order.push(owner);
      const since = await endsAt(name);
      await eventually(async () => (await endsAt(name)) > since + leaseMs, { timeoutMs: 15_000 });
      expect([...working]).toEqual([owner]);
      await instances.get(owner)?.stop();
      instances.delete(owner);
    }
    expect(order.toSorted()).toEqual(['a', 'b', 'c']);
    expect(seen()).toEqual({ mostAtOnce: 1, turns: 3 });
  });

  it('stops the work of who can no longer renew, and another goes on', async () => {
    const { start, working, away, seen } = setUp();
    const first = start('a');
    await eventually(() => working.has('a'));
    const second = start('b');
    away.add('a');
    // Both for a moment, perhaps: a lease only saves work.
    await eventually(() => working.has('b') && !working.has('a'), { timeoutMs: 10_000 });
    away.clear();
    await second.stop();
    await eventually(() => working.has('a'), { timeoutMs: 10_000 });
    await first.stop();
    expect(seen().turns).toBe(3);
  });
});
