import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../../../../dev/ports.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { reapFolder } from '../../../../dev/testing/reaper.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { type Mirror, startMirror } from '../../testing/mirror.ts';
import { rogueStand } from '../../testing/rogue-sign-in.ts';

let stand: Stand;
let ann: Browser;
let other: Mirror;
beforeAll(async () => {
  [stand, other] = await Promise.all([startStand({ env: { HEALTH_CHECK_MS: '100' } }), startMirror()]);
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(async () => {
  await stand.stop();
  await other.stop();
});
afterEach(() => {
  stand.mirror.clear();
  other.clear();
});

const path = '/api/messages/conversations/1';
const get = async (instance: Instance, times: number) =>
  await Promise.all(Array.from({ length: times }, () => ann.call('GET', path, { at: instance.url })));
const statuses = (answers: readonly Response[]) => [...new Set(answers.map(({ status }) => status))];
const both = () => stand.another({ MESSAGES_URL: `${stand.mirror.url},${other.url}` });

describe('the instances of a service', () => {
  it('share the requests', async () => {
    const bff = await both();
    expect(statuses(await get(bff, 40))).toEqual([200]);
    expect(Math.min(stand.mirror.seen.length, other.seen.length)).toBeGreaterThan(5);
  });

  it('get nothing more once they say that they drain, and finish what they have', async () => {
    const bff = await both();
    const held = Promise.withResolvers<void>();
    other.answer(async () => {
      await held.promise;
      return new Response('late');
    });
    const waiting = get(bff, 6);
    await eventually(() => other.seen.length > 0);
    other.health(503);
    await eventually(() => bff.bff.clusters.messages.available === 1);
    const before = other.seen.length;
    expect(statuses(await get(bff, 20))).toEqual([200]);
    expect(other.seen).toHaveLength(before);
    held.resolve();
    expect(statuses(await waiting)).toEqual([200]);
  });

  it('are left out while their check is not answered, and used again when it is', async () => {
    const bff = await both();
    other.health(500);
    await eventually(() => bff.bff.clusters.messages.available === 1);
    other.health(200);
    await eventually(() => bff.bff.clusters.messages.available === 2);
  });

  it('are left out when half of their requests fail, which nobody sees', async () => {
    const bff = await stand.another({ MESSAGES_URL: `${stand.mirror.url},${other.url}`, HEALTH_CHECK_MS: '60000' });
    other.answer(() => new Response(null, { status: 503 }));
    for (let round = 0; round < 12; round++) expect(statuses(await get(bff, 4))).toEqual([200]);
    expect(bff.bff.clusters.messages.available).toBe(1);
  }, 20_000);

  it('are not judged by what is refused before it is sent', async () => {
    const { rogue, instance, signIn } = await rogueStand(stand, { HEALTH_CHECK_MS: '60000' });
    // No header can hold it.
    const eve = await signIn({ tokens: { access_token: 'a\r\nb' } });
    stand.mirror.clear();
    for (const method of ['GET', 'PUT', 'POST', 'DELETE'])
      for (let count = 0; count < 8; count++) expect((await eve.call(method, path)).status).toBe(400);
    expect(stand.mirror.seen).toEqual([]);
    expect(instance.bff.clusters.messages.available).toBe(1);
    await rogue.stop();
  });

  it('are still asked where none is well', async () => {
    const bff = await both();
    stand.mirror.health(503);
    other.health(503);
    await eventually(() => bff.bff.clusters.messages.available === 0);
    expect(statuses(await get(bff, 5))).toEqual([200]);
  });

  it('change with their file, without a restart; a file that makes no sense changes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatapp-destinations-'));
    reapFolder(folder);
    const file = join(folder, 'destinations.json');
    let writes = 0;
    const write = (content: string) => {
      writeFileSync(file, content);
      // Another time each, also on a disk that counts in seconds.
      utimesSync(file, 1_000_000, 1_000_000 + ++writes);
    };
    write(JSON.stringify({ messages: [stand.mirror.url] }));
    const bff = await stand.another({
      ...{ DESTINATIONS_FILE: file, MESSAGES_URL: `http://127.0.0.1:${await freePort()}` },
      // A round that runs by itself may have read the file before it was written.
      HEALTH_CHECK_MS: '60000',
    });
    await bff.bff.watch.round();
    expect(statuses(await get(bff, 5))).toEqual([200]);
    expect(other.seen).toEqual([]);

    write(JSON.stringify({ messages: [other.url] }));
    await bff.bff.watch.round();
    stand.mirror.clear();
    expect(statuses(await get(bff, 5))).toEqual([200]);
    expect([stand.mirror.seen.length, other.seen.length]).toEqual([0, 5]);

    const half = JSON.stringify({ conversations: [other.url], messages: ['http://a:99999'] });
    for (const bad of ['', '{', '[]', '{"messages":[]}', '{"messages":["x"]}', '{"messages":["http://a/b?c"]}', half]) {
      write(bad);
      await bff.bff.watch.round();
    }
    expect(statuses(await get(bff, 5))).toEqual([200]);
    expect(bff.bff.clusters.conversations.instances.map(({ url }) => url)).toEqual([stand.mirror.url]);
  });

  it('are those of the file also for what the BFF itself asks: who signs in is known to the directory', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'chatapp-destinations-')), 'destinations.json');
    reapFolder(dirname(file));
    writeFileSync(file, JSON.stringify({ conversations: [other.url] }));
    const bff = await stand.another({
      ...{ DESTINATIONS_FILE: file, CONVERSATIONS_URL: `http://127.0.0.1:${await freePort()}` },
    });
    await bff.bff.watch.round();
    other.clear();
    // Who was not known at once is told to it by the next page.
    stand.mirror.directoryDown(true);
    const bob = await stand.signIn('bob');
    stand.mirror.directoryDown(false);
    await bob.call('GET', '/bff/user', { at: bff.url });
    expect(other.seen.map(({ method, path }) => `${method} ${path}`)).toContainEqual(
      expect.stringMatching(/^PUT \/internal\/users\//),
    );
  });
});

describe('a connection', () => {
  it('that cannot be made costs no request, not even a POST', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const bff = await stand.another({ MESSAGES_URL: `${dead},${stand.mirror.url}`, HEALTH_CHECK_MS: '60000' });
    for (let count = 0; count < 6; count++) {
      const answer = await ann.call('POST', path, { at: bff.url, body: '{"n":1}' });
      expect([answer.status, await answer.json()]).toEqual([200, { mirrored: '{"n":1}' }]);
    }
    expect(stand.mirror.seen).toHaveLength(6);
  });
});
