import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { connect, createServer, type Socket } from 'node:net';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type BrowserSocket, type Ended, openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { silentPathTo } from '../../testing/silent-path.ts';

/** In place of 11 s. */
const beatMs = 400;
/** A silence is noticed at the second beat; the rest is for a busy machine. */
const noticedWithinMs = 2 * beatMs + 4000;

let stand: Stand;
beforeAll(async () => {
  stand = await startStand({ beatMs });
}, 60_000);
afterAll(() => stand.stop());

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  stand.mirror.clear();
});

/** A path to a port of this machine that can be made to swallow what goes over it. */
const pathTo = (url: string) => {
  const path = silentPathTo(url);
  cleanUps.push(path.stop);
  return path;
};

const openAt = (url: string): BrowserSocket => {
  const opened = openBrowserSocket(`${url.replace('http', 'ws')}/realtime?ticket=t`, { origin: stand.url });
  cleanUps.push(() => opened.socket.terminate());
  return opened;
};

/** Does something again and again until the test is over. */
const keepDoing = (work: () => void) => {
  const timer = setInterval(work, 50);
  cleanUps.push(() => clearInterval(timer));
};

/** What the service is told of the end; with `isTalking` it sends all the time. */
const serviceSide = ({ isTalking }: { isTalking: boolean }): Promise<Ended> =>
  new Promise((resolve) => {
    stand.mirror.socket({
      open: (socket) => {
        if (isTalking) keepDoing(() => void socket.send('news'));
      },
      close: (_socket, code, reason) => resolve({ code, reason }),
    });
  });

const expectGone = (instance: Instance) => eventually(() => instance.bff.relay.size === 0);

/** How long a promise takes from now on. */
const timed = async <T>(promise: Promise<T>) => {
  const at = performance.now();
  const value = await promise;
  return { value, ms: performance.now() - at };
};

/** Sends the handshake of a browser by bytes; what comes is taken, and nothing is ever answered. */
const openDeafBrowser = async (url: string) => {
  const gone = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const { host, port } = new URL(url);
  const socket = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true }, () => {
    const lines = ['GET /realtime?ticket=t HTTP/1.1', `Host: ${host}`, `Origin: ${stand.url}`, 'Connection: Upgrade'];
    const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    socket.write([...lines, ...upgrade, '', ''].join('\r\n'));
  });
  socket.on('data', () => opened.resolve());
  socket.on('error', () => gone.resolve());
  // The other side has said goodbye: a connection that is half open ends here, not there.
  socket.on('end', () => gone.resolve());
  cleanUps.push(() => socket.destroy());
  await opened.promise;
  return { socket, gone: gone.promise };
};

/** A service that lets sockets in and never says anything more. */
const startDeafService = async () => {
  const gone = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => gone.resolve());
    socket.on('end', () => gone.resolve());
    cleanUps.push(() => socket.destroy());
    socket.on('data', (bytes) => {
      const key = /^sec-websocket-key: (.*)\r$/im.exec(String(bytes))?.[1];
      if (key === undefined) return;
      const accept = new Bun.CryptoHasher('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
      opened.resolve(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');
  return { url: `http://127.0.0.1:${address.port}`, opened: opened.promise, gone: gone.promise };
};

const bffBefore = (realtimeUrl: string) => stand.another({ REALTIME_URL: realtimeUrl, HEALTH_CHECK_MS: '60000' });

describe('a service that falls silent without a goodbye', () => {
  it.each([false, true])('S37: is given up at the second beat, though the browser talks on: %p', async (isTalking) => {
    const path = pathTo(stand.mirror.url);
    const bff = await bffBefore(path.url);
    const browser = openAt(bff.url);
    await browser.ready;
    if (isTalking) keepDoing(() => browser.socket.send('is anybody there'));
    path.swallow();
    const { value, ms } = await timed(browser.ended);
    expect(value).toEqual({ code: 1011, reason: 'the service does not answer' });
    expect(ms).toBeLessThan(noticedWithinMs);
    await expectGone(bff);
  });

  it('S37: is given up where it hears all and answers no ping', async () => {
    const service = await startDeafService();
    const bff = await bffBefore(service.url);
    const browser = openAt(bff.url);
    await browser.ready;
    const { value, ms } = await timed(browser.ended);
    expect(value.code).toBe(1011);
    expect(ms).toBeLessThan(noticedWithinMs);
    await expectGone(bff);
    await service.gone;
  });

  it('S37: is given up within two seconds where it closes its half only', async () => {
    const service = await startDeafService();
    const bff = await bffBefore(service.url);
    const browser = openAt(bff.url);
    await browser.ready;
    const half = await service.opened;
    half.end();
    const { value, ms } = await timed(browser.ended);
    expect(value.code).toBe(1011);
    expect(ms).toBeLessThan(2000);
    await service.gone;
    await expectGone(bff);
  });
});

describe('a browser that falls silent without a goodbye', () => {
  it.each([false, true])('S37: is given up at the second beat, though the service talks on: %p', async (isTalking) => {
    const closed = serviceSide({ isTalking });
    const path = pathTo(stand.url);
    await openAt(path.url).ready;
    path.swallow();
    const { value, ms } = await timed(closed);
    expect(value.code).toBe(1011);
    expect(ms).toBeLessThan(noticedWithinMs);
    await expectGone(stand.first);
  });

  it.each([false, true])(
    'S37: is given up where it hears all and answers no ping, though the service talks on: %p',
    async (isTalking) => {
      const closed = serviceSide({ isTalking });
      const browser = await openDeafBrowser(stand.url);
      const { value, ms } = await timed(closed);
      expect(value.code).toBe(1011);
      expect(ms).toBeLessThan(noticedWithinMs);
      await browser.gone;
      await expectGone(stand.first);
    },
  );

  it('S37: is given up within two seconds where it closes its half only', async () => {
    const closed = serviceSide({ isTalking: false });
    const browser = await openDeafBrowser(stand.url);
    browser.socket.end();
    const { value, ms } = await timed(closed);
    expect(value.code).toBe(1011);
    expect(ms).toBeLessThan(2000);
    await browser.gone;
    await expectGone(stand.first);
  });
});

describe('two sides that have nothing to say', () => {
  it('stay tied together as long as both answer pings', async () => {
    let pings = 0;
    stand.mirror.socket({ message: (socket, frame) => void socket.send(frame), ping: () => pings++ });
    const { socket, got, ready } = openAt(stand.url);
    await ready;
    await eventually(() => pings >= 6, { timeoutMs: 10 * beatMs + 5000 });
    socket.send('still there');
    await eventually(() => got.includes('still there'));
  });
});
