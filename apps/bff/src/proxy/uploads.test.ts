import { afterAll, beforeAll, beforeEach, describe, expect, it, spyOn } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import type { Problem } from '@chatapp/contract/problem';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { openSlowRequest, type SlowRequest } from '../../../../dev/testing/slow-requests.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { proxyRoutes } from './routes.ts';

const path = '/api/messages/conversations/1';
/** More than may be under way at a service at once. */
const slowUploads = 140;
const [usual] = proxyRoutes;
if (usual === undefined) throw new Error('there are no routes');
const largeRoute = { ...usual, prefix: '/api/large', bodyBytesMax: 1_048_576 };
/** So much that no buffer of a kernel on the way holds it. */
const hugeRoute = { ...usual, prefix: '/api/huge', bodyBytesMax: 128_000_000 };

let stand: Stand;
let second: Instance;
let ann: Browser;
let eve: Browser;
let offsetMs = 0;
beforeAll(async () => {
  const routes = [...proxyRoutes, largeRoute, hugeRoute];
  stand = await startStand({
    proxyRoutes: routes,
    env: { REQUESTS_PER_MINUTE: '250' },
    now: () => Date.now() + offsetMs,
  });
  second = await stand.another();
  [ann, eve] = [await stand.signIn('ann'), await stand.signIn('eve')];
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => {
  stand.mirror.clear();
  offsetMs = 0;
});

const sidOf = async (browser: Browser): Promise<string> => {
  const { logoutUrl } = (await (await browser.call('GET', '/bff/user')).json()) as SignedInUser;
  return logoutUrl.split('sid=')[1] ?? '';
};
/** The counter of a session's requests, which go up a few at a time when the BFF begins them. */
const counterOf = async (browser: Browser): Promise<string> => `limit:bff:session:${await sidOf(browser)}`;

describe('an upload', () => {
  it('S44: takes nobody’s place while it drips, however many one person begins', async () => {
    const counter = await counterOf(eve);
    stand.mirror.clear();
    const head = `POST ${path}/messages HTTP/1.1\r\nHost: ${new URL(stand.url).host}\r\nCookie: ${eve.cookie()}\r\nX-CSRF: 1\r\nOrigin: ${stand.url}\r\n`;
    const slow: SlowRequest[] = Array.from({ length: slowUploads }, () => openSlowRequest(stand.url, 'body', { head }));
    try {
      await eventually(async () => Number(await stand.store.get(counter)) >= slowUploads);
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const at = performance.now();
        const response = await ann.call(method, path, { body: '{"n":1}' });
        expect([method, response.status, await response.json()]).toEqual([method, 200, { mirrored: '{"n":1}' }]);
        expect(performance.now() - at).toBeLessThan(2000);
      }
      // Nothing of what drips has reached a service.
      expect(stand.mirror.seen).toHaveLength(4);
    } finally {
      for (const request of slow) request.stop();
    }
  }, 20_000);

  it('that is larger than what is held streams while it is sent', async () => {
    const arrived = Promise.withResolvers<void>();
    const held = 100_000;
    stand.mirror.answer(async (request) => {
      let bytes = 0;
      for await (const piece of request.body ?? []) {
        bytes += piece.byteLength;
        if (bytes === held) arrived.resolve();
      }
      return new Response(String(bytes));
    });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const answer = ann.call('POST', '/api/large/x', { body: readable, duplex: 'half' } as RequestInit);
    await writer.write(new Uint8Array(held));
    await arrived.promise;
    await writer.write(new Uint8Array(3));
    await writer.close();
    expect(await (await answer).text()).toBe(String(held + 3));
  });

  it('that is larger than its route allows is cut off in the middle', async () => {
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let count = 0; count < 11; count++) controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    });
    const response = await ann.call('POST', '/api/large/x', { body: pieces, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
  });
});

describe('an upload that streams', () => {
  const pieces = 1600;
  const piece = new Uint8Array(65_536);
  /** A body of 100 MB, which counts what was taken of it. */
  const countedBody = () => {
    const taken = { pieces: 0 };
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (taken.pieces === pieces) return controller.close();
        taken.pieces++;
        controller.enqueue(piece);
      },
    });
    return { body, taken };
  };
  /** Resolves when nothing more has been taken for a while. */
  const stall = async (taken: { readonly pieces: number }) => {
    let before = 0;
    await eventually(
      () => {
        const isStill = taken.pieces > 0 && taken.pieces === before;
        before = taken.pieces;
        return isStill;
      },
      { intervalMs: 300, timeoutMs: 10_000 },
    );
  };
  /** A service that reads it all, once it does; and what it found. */
  const service = () => {
    const [arrived, reads] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const found: (number | 'broken off')[] = [];
    stand.mirror.answer(async (request) => {
      arrived.resolve();
      await reads.promise;
      found.push(await bytesOf(request).catch(() => 'broken off' as const));
      return new Response();
    });
    return { arrived: arrived.promise, read: () => reads.resolve(), found };
  };
  const bytesOf = async (request: Request) => {
    let bytes = 0;
    for await (const { byteLength } of request.body ?? []) bytes += byteLength;
    return bytes;
  };
  const send = (body: ReadableStream<Uint8Array>, signal?: AbortSignal) =>
    ann.call('POST', '/api/huge/x', { body, duplex: 'half', signal } as RequestInit);
  const underWay = () => stand.first.bff.clusters.conversations.instances.reduce((sum, { busy }) => sum + busy, 0);

  it('is taken from the browser as fast as its service reads it', async () => {
    const { read, found } = service();
    const { body, taken } = countedBody();
    const answer = send(body);
    await stall(taken);
    expect(taken.pieces).toBeLessThan(pieces / 2);
    read();
    expect((await answer).status).toBe(200);
    expect(found).toEqual([pieces * piece.byteLength]);
  }, 20_000);

  it('ends at a service that does not read it when the browser goes, and never looks whole', async () => {
    const { read, found } = service();
    const { body, taken } = countedBody();
    const browser = new AbortController();
    const answer = send(body, browser.signal).catch(() => 'gone');
    await stall(taken);
    await eventually(() => underWay() === 1);
    browser.abort();
    expect(await answer).toBe('gone');
    // Before the service reads on, which it may never do.
    await eventually(() => underWay() === 0);
    read();
    expect(await eventually(() => found[0])).toBe('broken off');
  }, 20_000);

  it('ends at a service that waits for more of it when the browser goes, and never looks whole', async () => {
    const { arrived, read, found } = service();
    read();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const browser = new AbortController();
    const answer = send(readable, browser.signal).catch(() => 'gone');
    await writable.getWriter().write(new Uint8Array(100_000));
    await arrived;
    browser.abort();
    expect(await answer).toBe('gone');
    expect(await eventually(() => found[0])).toBe('broken off');
    expect(underWay()).toBe(0);
  });
});

describe('a write whose body takes its time', () => {
  /** Begins it; by then the BFF has looked the session up. */
  const begun = async (browser: Browser) => {
    const { sessions } = stand.first.bff;
    const [recent, find] = [spyOn(sessions, 'recent'), spyOn(sessions, 'find')];
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const answer = browser.call('POST', `${path}/messages`, { body: readable, duplex: 'half' } as RequestInit);
    await writer.write(Buffer.from('{"n"'));
    await eventually(() => recent.mock.results.length === 1);
    // Where it was not read a moment ago.
    await find.mock.results[0]?.value;
    recent.mockRestore();
    find.mockRestore();
    const ended = async () => {
      await writer.write(Buffer.from(':1}'));
      await writer.close();
      return await answer;
    };
    return { ended };
  };

  it.each([
    ['here', () => stand.url, 0],
    ['elsewhere, a second ago', () => second.url, 1000],
  ] as const)('S9: is refused where its session was ended meanwhile, %s', async (_where, at, laterMs) => {
    const bob = await stand.signIn('bob');
    const sid = await sidOf(bob);
    const { ended } = await begun(bob);
    expect((await bob.call('DELETE', `/bff/sessions/${sid}`, { at: at() })).status).toBe(204);
    stand.mirror.clear();
    offsetMs = laterMs;
    const response = await ended();
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([401, 'signed-out']);
    expect(stand.mirror.seen).toEqual([]);
  });

  it('goes on with the session as it is by then, which the second look does not prolong', async () => {
    const { ended } = await begun(ann);
    const key = `session:${await sidOf(ann)}`;
    await stand.store.pexpire(key, 5000);
    offsetMs = 1000;
    const response = await ended();
    expect([response.status, await response.json()]).toEqual([200, { mirrored: '{"n":1}' }]);
    expect(await stand.store.pttl(key)).toBeLessThan(5001);
    await stand.store.pexpire(key, 600_000);
  });
});
