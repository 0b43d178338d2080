import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { readdirSync } from 'node:fs';
import type { RealtimeTicket, SignedInUser } from '@chatapp/contract/http-bff';
import type { WebSocket as ClientSocket, ServerWebSocket } from 'bun';
import { freePort } from '../../../../dev/ports.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Ended, openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';
import { type Mirror, startMirror } from '../../testing/mirror.ts';
import { silentPathTo } from '../../testing/silent-path.ts';

let stand: Stand;
let ann: Browser;
beforeAll(async () => {
  stand = await startStand();
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(() => stand.stop());

const opened: ClientSocket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.terminate();
  stand.mirror.clear();
});

const realtimeUrl = (at = stand.url, query = '?ticket=t') => `${at.replace('http', 'ws')}/realtime${query}`;

const open = (url = realtimeUrl(), headers: Record<string, string> = { origin: stand.url }) => {
  const browsers = openBrowserSocket(url, headers);
  opened.push(browsers.socket);
  return browsers;
};

const handshake = (headers: Record<string, string>, query = '?ticket=t', at = stand.url) =>
  fetch(`${at}/realtime${query}`, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });

describe('the handshake', () => {
  it('S14: takes the ticket to the service, with the origin and nothing else of the browser', async () => {
    const ticket = (await (await ann.call('POST', '/bff/realtime-ticket')).json()) as RealtimeTicket;
    const { ready } = open(`${ticket.url}?ticket=${ticket.ticket}`, {
      origin: stand.url,
      cookie: ann.cookie(),
      'page-user': ((await (await ann.call('GET', '/bff/user')).json()) as SignedInUser).user.id,
      'x-user-id': 'eve',
      authorization: 'Bearer mine',
      'x-forwarded-for': '1.2.3.4',
    });
    await ready;
    const seen = stand.mirror.seen.find((one) => one.path.startsWith('/realtime'));
    expect(seen?.path).toBe(`/realtime?ticket=${ticket.ticket}`);
    const usual = [
      'connection',
      'host',
      'upgrade',
      'sec-websocket-version',
      'sec-websocket-key',
      'traceparent',
      'x-request-id',
      'origin',
    ];
    expect(Object.keys(seen?.headers ?? {}).filter((name) => !usual.includes(name))).toEqual([]);
    expect(seen?.headers.origin).toBe(stand.url);
  });

  it.each(['https://evil.example', 'http://localhost:1', 'http://localhost', 'null', 'file://', ''])(
    'S31: is refused from the origin "%s", and the service is not asked',
    async (origin) => {
      const response = await handshake({ origin: origin || 'http://', cookie: ann.cookie() });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, 'origin']);
      expect(stand.mirror.seen).toEqual([]);
      const noted = { code: 'origin', route: 'GET /realtime', requestId: response.headers.get('x-request-id') };
      expect(stand.audited('access.refused').at(-1)).toMatchObject(noted);
    },
  );

  it('S31: is refused without an origin where there is a cookie', async () => {
    expect((await handshake({ cookie: ann.cookie() })).status).toBe(403);
    expect(stand.mirror.seen).toEqual([]);
  });

  it('S31: is refused without a ticket, and where it is none', async () => {
    expect((await handshake({ origin: stand.url }, '')).status).toBe(401);
    expect((await handshake({ origin: stand.url, 'sec-websocket-version': '8' })).status).toBe(400);
    expect((await fetch(`${stand.url}/realtime?ticket=t`)).status).toBe(400);
    expect((await fetch(`${stand.url}/realtime?ticket=t`, { method: 'POST' })).status).toBe(405);
    expect(stand.mirror.seen).toEqual([]);
  });

  it.each([
    [401, 401],
    [403, 403],
    [429, 429],
    [503, 503],
    [500, 502],
  ])('answers a refusal by the service with %i as %i', async (theirs, ours) => {
    stand.mirror.socket({ refuse: theirs });
    expect((await handshake({ origin: stand.url })).status).toBe(ours);
    expect(stand.mirror.seen).toHaveLength(1);
  });

  it('S43: says when to come back, and by which limit, whoever refuses it', async () => {
    stand.mirror.socket({ refuse: 503 });
    const away = await handshake({ origin: stand.url });
    expect(await away.json()).toMatchObject({ code: 'unavailable', retryAfterMs: 1000 });
    expect(away.headers.get('retry-after')).toBe('1');
    stand.mirror.socket({ refuse: 429 });
    const full = await handshake({ origin: stand.url });
    expect(await full.json()).toMatchObject({ code: 'rate-limited', retryAfterMs: 5000 });
    expect(full.headers.get('retry-after')).toBe('5');
    expect(full.headers.get('ratelimit-policy')).toBe('"sockets";q=20');
    const strict = await stand.another({ ADDRESS_REQUESTS_PER_MINUTE: '1' });
    const foreign = () => handshake({ origin: 'https://evil.example' }, '?ticket=t', strict.url);
    const own = [await foreign(), await foreign()].find(({ status }) => status === 429);
    expect(own?.headers.get('ratelimit-policy')).toBe('"address";q=1;w=60');
    expect(own?.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
  });

  it('goes to another instance where none was reached, and says 502 where there is none', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const half = await stand.another({ REALTIME_URL: `${dead},${stand.mirror.url}` });
    for (let count = 0; count < 3; count++) await open(realtimeUrl(half.url)).ready;
    const none = await stand.another({ REALTIME_URL: dead });
    expect((await handshake({ origin: stand.url }, '?ticket=t', none.url)).status).toBe(502);
  });
});

describe('two instances of the service', () => {
  let other: Mirror;
  let url: string;
  beforeAll(async () => {
    other = await startMirror();
    const bff = await stand.another({ REALTIME_URL: `${stand.mirror.url},${other.url}`, HEALTH_CHECK_MS: '60000' });
    url = bff.url;
  });
  afterAll(() => other.stop());
  afterEach(() => other.clear());

  it('take all sockets that come at once, though one of them drains', async () => {
    other.socket({ refuse: 503 });
    await Promise.all(Array.from({ length: 60 }, () => open(realtimeUrl(url)).ready));
    const before = other.seen.length;
    await Promise.all(Array.from({ length: 20 }, () => open(realtimeUrl(url)).ready));
    expect(other.seen).toHaveLength(before);
  });
});

describe('an instance that was killed', () => {
  it('sends nobody away while there is another one, however many come at once', async () => {
    const killed = await startMirror();
    const bff = await stand.another({
      REALTIME_URL: `${stand.mirror.url},${killed.url}`,
      HEALTH_CHECK_MS: '60000',
    });
    await killed.stop();
    // Far more than failures in a row open a circuit, and than a budget of retries holds.
    await Promise.all(Array.from({ length: 200 }, () => open(realtimeUrl(bff.url)).ready));
  });
});

describe('an instance that does not answer its health check', () => {
  it('S37: loses the sockets that it does not answer either, within five seconds', async () => {
    const path = silentPathTo(stand.mirror.url);
    const bff = await stand.another({ REALTIME_URL: path.url, HEALTH_CHECK_MS: '60000' });
    const { ready, ended } = open(realtimeUrl(bff.url));
    await ready;
    path.swallow();
    // As it does every two seconds.
    const at = performance.now();
    void bff.bff.watch.round();
    expect((await ended).code).toBe(1011);
    expect(performance.now() - at).toBeLessThan(5000);
    path.stop();
  }, 10_000);

  it('keeps those that it answers', async () => {
    let pings = 0;
    stand.mirror.socket({ ping: () => void pings++ });
    const bff = await stand.another({ HEALTH_CHECK_MS: '100' });
    const { socket, ready } = open(realtimeUrl(bff.url));
    await ready;
    stand.mirror.health('silent');
    // Asked again: that was the end of the first question.
    await eventually(() => pings >= 2, { timeoutMs: 8000 });
    expect(socket.readyState).toBe(WebSocket.OPEN);
  }, 10_000);
});

describe('a ticket', () => {
  it('that may have been taken by an instance that answered 503 gets 503, not 401', async () => {
    const other = await startMirror();
    const urls = `${stand.mirror.url},${other.url}`;
    const bff = await stand.another({ REALTIME_URL: urls, HEALTH_CHECK_MS: '60000' });
    stand.mirror.socket({ refuse: 503 });
    other.socket({ refuse: 401 });
    const statuses = new Set<number>();
    for (let count = 0; statuses.size < 2 && count < 64; count++)
      statuses.add((await handshake({ origin: stand.url }, '?ticket=t', bff.url)).status);
    // Those that came to the second one first were refused by it alone.
    expect([...statuses].sort()).toEqual([401, 503]);
    await other.stop();
  });
});

describe('the session of a socket', () => {
  const cookieOf = (browser: Browser) => ({ origin: stand.url, cookie: browser.cookie() });

  it('S31: must live where a cookie came: the service is not asked otherwise', async () => {
    const dead = `__Host-Http-session-${new URL(stand.url).port}=${'A'.repeat(43)}`;
    const response = await handshake({ origin: stand.url, cookie: dead });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, 'signed-out']);
    expect(stand.mirror.seen).toEqual([]);
  });

  it('S38: takes the socket along when it ends here', async () => {
    const bob = await stand.signIn('bob');
    const [bobs, anns] = [open(realtimeUrl(), cookieOf(bob)), open(realtimeUrl(), cookieOf(ann))];
    await Promise.all([bobs.ready, anns.ready]);
    const { logoutUrl } = (await (await bob.call('GET', '/bff/user')).json()) as { logoutUrl: string };
    const at = performance.now();
    const signedOut = bob.call('GET', logoutUrl);
    expect(await bobs.ended).toEqual({ code: 4501, reason: 'signed out' });
    // A sweep would come after most of a minute; e2e/session-end holds it to the second.
    expect(performance.now() - at).toBeLessThan(10_000);
    await signedOut;
    expect(anns.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('S38: lets no socket open that was on its way to the service when it ended', async () => {
    const bob = await stand.signIn('bob');
    const { logoutUrl } = (await (await bob.call('GET', '/bff/user')).json()) as { logoutUrl: string };
    const { promise: admitted, resolve: admit } = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<number>();
    stand.mirror.socket({ admitted, close: (_, code) => closed.resolve(code) });
    const answer = handshake(cookieOf(bob));
    await eventually(() => stand.mirror.seen.some(({ path }) => path.startsWith('/realtime')));
    await bob.call('GET', logoutUrl);
    admit();
    const response = await answer;
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, 'signed-out']);
    expect(await closed.promise).toBe(1001);
  });

  it('S38: takes the socket along when it ended at another instance or by itself, at the next sweep', async () => {
    const second = await stand.another();
    const [bob, carol, dave] = [await stand.signIn('bob'), await stand.signIn('carol'), await stand.signIn('dave')];
    const [bobs, carols, daves, tickets] = [
      open(realtimeUrl(), cookieOf(bob)),
      open(realtimeUrl(), cookieOf(carol)),
      open(realtimeUrl(), cookieOf(dave)),
      open(realtimeUrl(), { origin: stand.url }),
    ];
    await Promise.all([bobs.ready, carols.ready, daves.ready, tickets.ready]);
    const logoutUrlOf = async (browser: Browser) =>
      ((await (await browser.call('GET', '/bff/user')).json()) as { logoutUrl: string }).logoutUrl;
    await bob.call('GET', await logoutUrlOf(bob), { at: second.url });
    // What Redis does when its time is up.
    expect(await stand.store.del(`session:${(await logoutUrlOf(dave)).split('sid=')[1]}`)).toBe(1);
    await stand.first.bff.relay.sweep();
    expect([(await bobs.ended).code, (await daves.ended).code]).toEqual([4501, 4501]);
    expect([carols.socket.readyState, tickets.socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  });
});

describe('frames', () => {
  it('pass both ways in order, text as text and bytes as bytes, from the first on', async () => {
    stand.mirror.socket({
      open: (socket) => {
        socket.send('hello');
        socket.send('second');
      },
      message: (socket, frame) => void socket.send(frame),
    });
    const { socket, got, ready } = open();
    await ready;
    for (let count = 0; count < 100; count++) socket.send(`text ${count} ü`);
    socket.send(new Uint8Array([1, 2, 3]));
    await eventually(() => got.length === 103);
    expect(got.slice(0, 3)).toEqual(['hello', 'second', 'text 0 ü']);
    expect(got[101]).toBe('text 99 ü');
    expect(got[102]).toEqual(Buffer.from([1, 2, 3]));
  });

  it('may be 64 KB on the way up and larger on the way down', async () => {
    const sizes: number[] = [];
    stand.mirror.socket({
      open: (socket) => void socket.send('x'.repeat(400_000)),
      message: (_socket, frame) => void sizes.push(frame.length),
    });
    const { socket, got, ready, ended } = open();
    await ready;
    await eventually(() => got.length === 1);
    expect(got[0]).toHaveLength(400_000);
    socket.send('x'.repeat(65_536));
    await eventually(() => sizes.length === 1);
    socket.send('x'.repeat(65_537));
    expect([1006, 1009]).toContain((await ended).code);
    expect(sizes).toEqual([65_536]);
  });

  it('come no faster than the browser reads them', async () => {
    let sent = 0;
    let service: ServerWebSocket<undefined> | undefined;
    const piece = 'x'.repeat(60_000);
    const pump = () => {
      while (service && sent < 3000) {
        sent++;
        if (service.send(`${sent} ${piece}`) === -1) return;
      }
    };
    stand.mirror.socket({
      open: (socket) => {
        service = socket;
      },
      message: pump,
      drain: pump,
    });
    const { socket, got, ready } = open();
    await ready;
    socket.pause();
    socket.send('go');
    let before = -1;
    await eventually(
      () => {
        const isStill = sent > 0 && sent === before;
        before = sent;
        return isStill;
      },
      { intervalMs: 300, timeoutMs: 10_000 },
    );
    // 180 MB are there to be had.
    expect(sent).toBeLessThan(1000);
    socket.resume();
    await eventually(() => got.length === 3000, { timeoutMs: 15_000 });
    expect(got.every((frame, index) => String(frame).startsWith(`${index + 1} `))).toBe(true);
  }, 30_000);

  it('are taken from the browser no faster than the service reads them', async () => {
    let service: ServerWebSocket<undefined> | undefined;
    let taken = 0;
    stand.mirror.socket({
      open: (socket) => {
        service = socket;
        socket.pause();
      },
      message: () => {
        taken++;
      },
    });
    const { socket, ready } = open();
    await ready;
    const piece = 'x'.repeat(60_000);
    for (let count = 0; count < 1500; count++) socket.send(piece);
    let before = -1;
    await eventually(
      () => {
        const isStill = socket.bufferedAmount === before;
        before = socket.bufferedAmount;
        return isStill;
      },
      { intervalMs: 300, timeoutMs: 10_000 },
    );
    // Of 90 MB the most waits at the browser still.
    expect(socket.bufferedAmount).toBeGreaterThan(60_000_000);
    service?.resume();
    await eventually(() => taken === 1500, { timeoutMs: 15_000 });
  }, 30_000);
});

describe('the end of a socket', () => {
  it.each([
    [1000, 'done'],
    [1001, ''],
    [4001, 'goaway'],
    [4010, 'state lost'],
    [4501, 'signed out'],
    [4510, 'protocol'],
  ])('comes down with its code %i and reason', async (code, reason) => {
    stand.mirror.socket({ message: (socket) => socket.close(code, reason) });
    const { socket, ready, ended } = open();
    await ready;
    socket.send('end');
    expect(await ended).toEqual({ code, reason });
    await eventually(() => stand.first.bff.relay.size === 0);
  });

  it('S37: comes down as 1011 within two seconds when the service is killed', async () => {
    stand.mirror.socket({ message: (socket) => socket.terminate() });
    const { socket, ready, ended } = open();
    await ready;
    const at = performance.now();
    socket.send('die');
    expect((await ended).code).toBe(1011);
    expect(performance.now() - at).toBeLessThan(2000);
    await eventually(() => stand.first.bff.relay.size === 0);
  });

  it('comes down when the service closes at once', async () => {
    stand.mirror.socket({ open: (socket) => socket.close(4503, 'forbidden') });
    for (let count = 0; count < 20; count++) {
      expect(await open().ended).toEqual({ code: 4503, reason: 'forbidden' });
    }
    await eventually(() => stand.first.bff.relay.size === 0);
  });

  it.each([
    [1000, 'bye', 1000],
    [4000, 'mine', 4000],
    [undefined, '', 1000],
  ])('goes up: %p', async (code, reason, relayed) => {
    const closed = Promise.withResolvers<Ended>();
    stand.mirror.socket({ close: (_socket, theirs, why) => closed.resolve({ code: theirs, reason: why }) });
    const { socket, ready } = open();
    await ready;
    if (code === undefined) socket.close();
    else socket.close(code, reason);
    expect(await closed.promise).toEqual({ code: relayed, reason });
  });

  it('S37: goes up within two seconds when the browser is killed', async () => {
    const closed = Promise.withResolvers<Ended>();
    stand.mirror.socket({ close: (_socket, code, reason) => closed.resolve({ code, reason }) });
    const { socket, ready } = open();
    await ready;
    const at = performance.now();
    socket.terminate();
    expect((await closed.promise).code).toBe(1011);
    expect(performance.now() - at).toBeLessThan(2000);
    await eventually(() => stand.first.bff.relay.size === 0);
  });

  it('S37: leaves no descriptor behind, however it comes', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const round = async (end: (client: ReturnType<typeof open>, index: number) => void) => {
      const clients = Array.from({ length: 30 }, () => open());
      await Promise.all(clients.map(({ ready }) => ready));
      clients.forEach(end);
      await Promise.all(clients.map(({ ended }) => ended));
      await eventually(() => stand.first.bff.relay.size === 0);
    };
    stand.mirror.socket({ message: (socket) => socket.terminate() });
    // Connections that are kept open for reuse, and what is made once.
    await round(({ socket }) => socket.close());
    const before = descriptors();
    await round(({ socket }, index) => (index % 2 ? socket.terminate() : socket.send('die')));
    await round(({ socket }) => socket.close(4000, 'x'));
    await eventually(() => descriptors() <= before + 3);
  }, 20_000);

  it('tells browsers to come back elsewhere when this instance stops, each at a moment of its own', async () => {
    stand.mirror.socket({ message: (socket, frame) => void socket.send(frame) });
    const instance = await stand.another();
    const clients = Array.from({ length: 20 }, () => open(realtimeUrl(instance.url)));
    await Promise.all(clients.map(({ ready }) => ready));
    const at = performance.now();
    const drained = instance.bff.relay.drain();
    const moments = await Promise.all(
      clients.map(async ({ socket, got, ended }) => {
        await eventually(() => got.length > 0);
        const { e, afterMs } = JSON.parse(String(got[0])) as { e: string; afterMs: number };
        expect(e).toBe('goaway');
        // Until its moment it works on.
        if (performance.now() - at < afterMs - 300) {
          socket.send('still there');
          await eventually(() => got.includes('still there'));
        }
        expect(await ended).toEqual({ code: 4001, reason: 'goaway' });
        return { afterMs, passedMs: performance.now() - at };
      }),
    );
    for (const { afterMs, passedMs } of moments) {
      expect(passedMs).toBeGreaterThan(afterMs - 50);
      expect(passedMs).toBeLessThan(10_000);
    }
    expect(new Set(moments.map(({ afterMs }) => afterMs)).size).toBeGreaterThan(10);
    await drained;
    expect(instance.bff.relay.size).toBe(0);
  });

  it('takes in who comes while it stops, and sends them away as well', async () => {
    const instance = await stand.another();
    const early = open(realtimeUrl(instance.url));
    await early.ready;
    const admitted = Promise.withResolvers<void>();
    stand.mirror.socket({ admitted: admitted.promise });
    const underWay = open(realtimeUrl(instance.url));
    await eventually(() => stand.mirror.seen.filter(({ path }) => path.startsWith('/realtime')).length === 2);
    const drained = instance.bff.relay.drain();
    admitted.resolve();
    const late = open(realtimeUrl(instance.url));
    for (const { ready, ended } of [underWay, late]) {
      await ready;
      expect(await ended).toEqual({ code: 4001, reason: 'goaway' });
    }
    await drained;
    expect(instance.bff.relay.size).toBe(0);
    expect((await handshake({ origin: stand.url }, '?ticket=t', instance.url)).status).toBe(503);
  });
});
