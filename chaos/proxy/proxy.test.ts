import { afterEach, describe, expect, it } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { eventually } from '../../dev/testing/eventually.ts';
import { serveControl } from './control.ts';
import { ChaosProxy } from './proxy.ts';

const open: { stop(): void }[] = [];
afterEach(() => {
  for (const part of open.splice(0)) part.stop();
});

const echo = () => {
  const server = Bun.listen<{ late: Uint8Array[] }>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { late: [] };
      },
      data: (socket, chunk) => send(socket, chunk),
      drain: (socket) => {
        const waiting = socket.data.late;
        socket.data.late = [];
        for (const chunk of waiting) send(socket, chunk);
      },
      error: () => undefined,
    },
  });
  open.push({ stop: () => server.stop(true) });
  return { hostname: '127.0.0.1', port: server.port };
};

const send = (socket: Bun.Socket<{ late: Uint8Array[] }>, chunk: Uint8Array) => {
  const written = socket.data.late.length > 0 ? 0 : Math.max(0, socket.write(chunk));
  if (written < chunk.byteLength) socket.data.late.push(chunk.slice(written));
};

const proxyTo = (...targets: { hostname: string; port: number }[]) => {
  const proxy = new ChaosProxy({ targets, random: () => 0.5 });
  open.push(proxy);
  return proxy;
};

const dial = async (port: number) => {
  const state = { bytes: 0, text: '', ended: false, error: '' };
  const socket: Socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk: Buffer) => {
    state.bytes += chunk.byteLength;
    state.text = (state.text + chunk.toString()).slice(-200);
  });
  socket.on('end', () => {
    state.ended = true;
  });
  socket.on('error', (error) => {
    state.error = (error as NodeJS.ErrnoException).code ?? '';
  });
  open.push({ stop: () => socket.destroy() });
  await new Promise((resolve) => socket.once('connect', resolve));
  return Object.assign(state, { socket });
};

const fails = async (promise: Promise<unknown>) =>
  promise.then(
    () => false,
    () => true,
  );

describe('ChaosProxy', () => {
  it('passes everything, both ways, more than the buffers hold', async () => {
    const client = await dial(proxyTo(echo()).port);
    const size = 8 * 1024 * 1024;
    client.socket.write(Buffer.alloc(size, 'x'));
    await eventually(() => client.bytes === size);
  });

  it('adds latency', async () => {
    const proxy = proxyTo(echo());
    proxy.set({ latencyMs: 60, jitterMs: 20 });
    const client = await dial(proxy.port);
    const startedAt = performance.now();
    client.socket.write('a');
    await eventually(() => client.bytes === 1, { intervalMs: 2 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(138);
  });

  it('keeps the order under jitter', async () => {
    const proxy = new ChaosProxy({ targets: [echo()] });
    open.push(proxy);
    proxy.set({ jitterMs: 30 });
    const client = await dial(proxy.port);
    const sent = Array.from({ length: 40 }, (_, at) => `${at};`);
    for (const part of sent) {
      client.socket.write(part);
      await Bun.sleep(1);
    }
    await eventually(() => client.bytes === sent.join('').length);
    expect(client.text).toBe(sent.join('').slice(-200));
  });

  it('lets some chunks stall, as after a lost packet', async () => {
    const proxy = proxyTo(echo());
    proxy.set({ stallShare: 0.6, stallMs: 80 }, 'up');
    const client = await dial(proxy.port);
    const startedAt = performance.now();
    client.socket.write('a');
    await eventually(() => client.bytes === 1, { intervalMs: 2 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(78);
  });

  it('limits the rate', async () => {
    const proxy = proxyTo(echo());
    proxy.set({ bytesPerSecond: 200_000 }, 'down');
    const client = await dial(proxy.port);
    const startedAt = performance.now();
    client.socket.write(Buffer.alloc(60_000));
    await eventually(() => client.bytes === 60_000);
    expect(performance.now() - startedAt).toBeGreaterThan(250);
  });

  it('cuts after so many bytes', async () => {
    const proxy = proxyTo(echo());
    proxy.set({ cutAfterBytes: 10 }, 'up');
    const client = await dial(proxy.port);
    client.socket.write('12345');
    await eventually(() => client.bytes === 5);
    client.socket.write('67890');
    await eventually(() => client.error === 'ECONNRESET');
    expect(proxy.connections).toBe(0);
  });

  it('stops reading, so that the sender is held, and loses nothing', async () => {
    const proxy = proxyTo(echo());
    const client = await dial(proxy.port);
    proxy.set({ stopReading: true }, 'up');
    const size = 16 * 1024 * 1024;
    client.socket.write(Buffer.alloc(size));
    expect(await fails(eventually(() => client.bytes > 0, { timeoutMs: 200 }))).toBe(true);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    proxy.heal();
    await eventually(() => client.bytes === size);
  });

  it('resets both sides', async () => {
    const proxy = proxyTo(echo());
    const client = await dial(proxy.port);
    client.socket.write('a');
    await eventually(() => client.bytes === 1);
    proxy.resetAll();
    await eventually(() => client.error === 'ECONNRESET');
  });

  it('swallows without a word, for new connections too, until it heals', async () => {
    const proxy = proxyTo(echo());
    const before = await dial(proxy.port);
    proxy.set({ blackHole: true });
    const during = await dial(proxy.port);
    before.socket.write('a');
    during.socket.write('b');
    expect(await fails(eventually(() => before.bytes + during.bytes > 0, { timeoutMs: 200 }))).toBe(true);
    expect([before.error, during.error, before.ended, during.ended]).toEqual(['', '', false, false]);
    proxy.heal();
    await eventually(() => before.error !== '' && during.error !== '');
    const after = await dial(proxy.port);
    after.socket.write('c');
    await eventually(() => after.text === 'c');
  });

  it('passes on a goodbye after the last byte', async () => {
    const proxy = proxyTo(echo());
    proxy.set({ latencyMs: 40 }, 'up');
    const client = await dial(proxy.port);
    client.socket.end('bye');
    await eventually(() => proxy.connections === 0);
  });

  it('takes the next target when one refuses', async () => {
    const gone = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } });
    const refusing = { hostname: '127.0.0.1', port: gone.port };
    gone.stop(true);
    const client = await dial(proxyTo(refusing, echo()).port);
    client.socket.write('a');
    await eventually(() => client.bytes === 1);
  });

  it('resets the client when every target refuses', async () => {
    const gone = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } });
    const refusing = { hostname: '127.0.0.1', port: gone.port };
    gone.stop(true);
    const client = await dial(proxyTo(refusing).port);
    await eventually(() => client.error !== '' || client.ended);
  });

  it('lets a tap drop a chunk, or reset at a word', async () => {
    const proxy = proxyTo(echo());
    proxy.tap = (direction, chunk) => {
      const text = Buffer.from(chunk).toString();
      if (direction === 'down' && text === 'COMMIT') return 'reset';
      return text === 'lost' ? 'drop' : 'pass';
    };
    const client = await dial(proxy.port);
    client.socket.write('lost');
    expect(await fails(eventually(() => client.bytes > 0, { timeoutMs: 100 }))).toBe(true);
    client.socket.write('COMMIT');
    await eventually(() => client.error === 'ECONNRESET');
  });
});

describe('a link', () => {
  it('has conditions of its own until the proxy heals', async () => {
    const proxy = proxyTo(echo());
    const [slow, quick] = [await dial(proxy.port), await dial(proxy.port)];
    slow.socket.write('a');
    quick.socket.write('b');
    await eventually(() => slow.bytes + quick.bytes === 2);
    proxy.links()[0]?.set({ blackHole: true }, 'down');
    slow.socket.write('a');
    quick.socket.write('b');
    await eventually(() => quick.bytes === 2);
    proxy.heal();
    slow.socket.write('c');
    await eventually(() => slow.text === 'ac');
  });

  it('knows a WebSocket from other connections, and counts its bytes', async () => {
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (request, listening) => (listening.upgrade(request) ? undefined : new Response('no')),
      websocket: { message: () => undefined },
    });
    open.push({ stop: () => void server.stop(true) });
    const proxy = proxyTo({ hostname: '127.0.0.1', port: server.port ?? 0 });
    await (await fetch(`http://127.0.0.1:${proxy.port}`)).text();
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}`);
    open.push({ stop: () => socket.close() });
    await eventually(() => socket.readyState === WebSocket.OPEN);
    expect(proxy.links().map(({ isSocket }) => isSocket)).toEqual([false, true]);
    expect(proxy.links().every(({ bytes }) => bytes.up > 0 && bytes.down > 0)).toBe(true);
  });

  it('takes bytes in the name of the sender', async () => {
    const proxy = proxyTo(echo());
    const client = await dial(proxy.port);
    client.socket.write('a');
    await eventually(() => client.text === 'a');
    proxy.links()[0]?.inject('up', Buffer.from('again'));
    await eventually(() => client.text === 'aagain');
  });
});

describe('serveControl', () => {
  it('steers a proxy by name', async () => {
    const proxy = proxyTo(echo());
    const control = serveControl({ redis: proxy });
    open.push({ stop: () => void control.stop(true) });
    const client = await dial(proxy.port);
    const put = { method: 'PUT', body: JSON.stringify({ conditions: { blackHole: true } }) };
    expect((await fetch(`${control.url}redis`, put)).status).toBe(204);
    client.socket.write('a');
    expect(await fails(eventually(() => client.bytes > 0, { timeoutMs: 100 }))).toBe(true);
    expect((await fetch(`${control.url}redis/heal`, { method: 'POST' })).status).toBe(204);
    await eventually(() => client.error === 'ECONNRESET');
    expect((await fetch(`${control.url}nobody`)).status).toBe(404);
  });
});
