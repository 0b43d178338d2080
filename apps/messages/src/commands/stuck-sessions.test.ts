import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { silentLog } from '@chatapp/service/log';
import { runStuckSessionWatch } from '@chatapp/service/stuck-sessions';
import { ChaosProxy } from '../../../../chaos/proxy/proxy.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { openDatabase } from '../database.ts';
import { neverFails } from '../failpoint.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { bob, send } from '../testing/people.ts';
import { readPage } from '../timeline/timeline-store.ts';
import { createSaveBatch } from './save-batch.ts';

let messages: TestMessages;
beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

/** A pool whose first chunk that holds the mark never arrives: to the server, a client that stands still in the middle of a statement. */
const silentAt = (mark: string) => {
  const url = new URL(messages.url);
  const proxy = new ChaosProxy({ targets: [{ hostname: url.hostname, port: Number(url.port) }] });
  let swallowed = 0;
  proxy.tap = (direction, chunk) => {
    if (direction === 'down' || swallowed > 0 || !Buffer.from(chunk).includes(mark)) return 'pass';
    swallowed++;
    return 'drop';
  };
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const sql = openDatabase({ url: url.href, poolMax: 1, leaseMs: 500, log: silentLog() });
  const parts = { sql, shards: testShards, now: Date.now, newId: () => Bun.randomUUIDv7(), reach: neverFails };
  const close = async () => {
    await sql.end({ timeout: 1 });
    proxy.stop();
  };
  return { save: createSaveBatch(parts), swallowed: () => swallowed, close };
};

describe('an instance that falls silent in the middle of a statement', () => {
  it('keeps no lock, and saves what it had in hand after the others', async () => {
    const c = crypto.randomUUID();
    const mark = `mark ${c}`;
    await messages.save([send(c, { body: 'first' })]);
    const silent = silentAt(mark);
    const late = silent.save([send(c, { body: mark })]);
    await eventually(() => silent.swallowed() === 1);

    const stopping = new AbortController();
    const watch = runStuckSessionWatch(
      { sql: messages.sql, silentMs: 500, clock: systemClock, log: silentLog() },
      stopping.signal,
    );
    const [saved] = await messages.save([send(c, { actorId: bob, body: 'next' })]);
    expect(saved).toMatchObject({ kind: 'saved', answer: { ok: { seq: 2 } } });
    expect(await late).toMatchObject([{ kind: 'saved', answer: { ok: { seq: 3 } } }]);
    const { items } = await readPage(messages.sql, c, { side: 'newest' }, 10);
    expect(items.map(({ body }) => body)).toEqual(['first', 'next', mark]);
    stopping.abort();
    await watch;
    await silent.close();
  }, 30_000);
});
