import { afterEach, describe, expect, it } from 'bun:test';
import type { Socket } from 'bun';
import { createDestination, type DestinationOptions, defaultOptions } from './destination.ts';
import { CircuitOpenError, DeadlineError } from './errors.ts';
import { fakeClock } from './fake-clock.ts';
import { createResilientFetch } from './http.ts';

type Answer = (request: Request) => Response | Promise<Response>;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A server that gives these answers one after the other, the last one again and again. */
function server(...answers: Answer[]) {
  const seen: { method: string; headers: Headers; body: string }[] = [];
  const listener = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const answer = answers[Math.min(seen.length, answers.length - 1)];
      seen.push({ method: request.method, headers: request.headers, body: await request.text() });
      return answer ? await answer(request) : new Response(null, { status: 404 });
    },
  });
  cleanUps.push(() => listener.stop(true));
  return { url: `http://127.0.0.1:${listener.port}/`, seen };
}

function client(options: Partial<DestinationOptions> = {}) {
  const fast = { ...defaultOptions, attemptTimeoutMs: 10_000, deadlineMs: 20_000, backoff: { baseMs: 1, capMs: 5 } };
  const destination = createDestination({ name: 'messages', ...fast, ...options });
  return { destination, call: createResilientFetch({ destination, fetch: (url, init) => fetch(url, init) }) };
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(`status ${code}`, { status: code, headers });
const fine = () => Response.json({ fine: true });
const hang = () => new Promise<never>(() => undefined);

describe('createResilientFetch', () => {
  it('hobby: a 5xx is retried', async () => {
    const { url, seen } = server(status(500), status(503), fine);
    const response = await client().call({ url });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ fine: true });
    expect(seen).toHaveLength(3);
  });

  it('returns the last 5xx when all attempts ended so', async () => {
    const { url, seen } = server(status(502));
    const response = await client().call({ url });
    expect(response.status).toBe(502);
    expect(await response.text()).toBe('status 502');
    expect(seen).toHaveLength(defaultOptions.attemptsMax);
  });

  it.each([200, 302, 404, 409, 422, 501])('takes %i for an answer', async (code) => {
    const { url, seen } = server(status(code, { location: '/elsewhere' }));
    const { call, destination } = client({ breaker: { failuresInRow: 1, halfOpenAfterMs: 60_000 } });
    expect((await call({ url })).status).toBe(code);
    expect(seen).toHaveLength(1);
    expect(destination.state).toBe('closed');
  });

  it('waits for Retry-After in seconds after a 429 and does not blame the destination', async () => {
    const { url, seen } = server(status(429, { 'retry-after': '1' }), fine);
    const { call, destination } = client({ breaker: { failuresInRow: 1, halfOpenAfterMs: 60_000 } });
    const before = performance.now();
    expect((await call({ url })).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThanOrEqual(1_000);
    expect(seen).toHaveLength(2);
    expect(destination.state).toBe('closed');
  });

  it('reads Retry-After as a date by the clock of the server', async () => {
    const date = new Date(Date.now() - 3_600_000);
    const headers = { date: date.toUTCString(), 'retry-after': new Date(date.getTime() + 1_000).toUTCString() };
    const { url } = server(status(503, headers), fine);
    const before = performance.now();
    expect((await client().call({ url })).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThanOrEqual(1_000);
  });

  it('returns the refusal at once when Retry-After lies behind the deadline', async () => {
    const { url, seen } = server(status(429, { 'retry-after': '3600' }), fine);
    const before = performance.now();
    expect((await client().call({ url })).status).toBe(429);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(seen).toHaveLength(1);
  });

  it('gives up an attempt that hangs and tries again', async () => {
    const { url, seen } = server(hang, fine);
    expect((await client({ attemptTimeoutMs: 300 }).call({ url })).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  it('ends at the deadline when every attempt hangs', async () => {
    const { url } = server(hang);
    const before = performance.now();
    await expect(client({ attemptTimeoutMs: 20_000, deadlineMs: 200 }).call({ url })).rejects.toBeInstanceOf(
      DeadlineError,
    );
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it('sends a POST once, whatever comes back', async () => {
    for (const answer of [status(500), status(503, { 'retry-after': '0' }), hang]) {
      const { url, seen } = server(answer, fine);
      await client({ attemptTimeoutMs: 300 })
        .call({ url, init: { method: 'POST', body: 'once' } })
        .catch(() => undefined);
      expect(seen).toHaveLength(1);
    }
  });

  it('repeats a POST that is marked idempotent, body and headers unchanged', async () => {
    const { url, seen } = server(status(500), fine);
    const headers = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      authorization: 'Bearer token',
    };
    await client().call({ url, init: { method: 'POST', body: '{"clientId":1}', headers }, idempotent: true });
    expect(seen).toHaveLength(2);
    for (const request of seen) {
      expect(request.body).toBe('{"clientId":1}');
      expect(request.headers.get('traceparent')).toBe(headers.traceparent);
      expect(request.headers.get('authorization')).toBe(headers.authorization);
    }
  });

  it('repeats nothing whose body is a stream', async () => {
    const { url, seen } = server(status(500), fine);
    const body = new Blob(['once']).stream();
    expect((await client().call({ url, init: { method: 'PUT', body } })).status).toBe(500);
    expect(seen).toHaveLength(1);
  });

  it('asks another member of a group at the next attempt', async () => {
    const { url } = server(fine);
    const refused = `http://127.0.0.1:${closedPort()}/`;
    const asked: string[] = [];
    const address = {
      pick: (avoided: ReadonlySet<string>) => [refused, url].find((one) => !avoided.has(one)) ?? refused,
      of: (member: string) => {
        asked.push(member);
        return member;
      },
    };
    // A refused connection carried nothing, so even a POST goes on to the next.
    expect((await client().call({ url: address, init: { method: 'POST', body: 'x' } })).status).toBe(200);
    expect(asked).toEqual([refused, url]);
  });

  it('opens the breaker of a destination that refuses connections, with the refusal as cause', async () => {
    const url = `http://127.0.0.1:${closedPort()}/`;
    const { call, destination } = client({ breaker: { failuresInRow: 2, halfOpenAfterMs: 60_000 } });
    await call({ url }).catch(() => undefined);
    expect(destination.state).toBe('open');
    const error = await call({ url }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('repeats a GET whose connection was reset, also in the middle of the body, and no POST', async () => {
    const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf';
    const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwhole';
    const { url, connections } = rawServer('', cut, whole);
    const { call } = client();
    expect(await (await call({ url })).text()).toBe('whole');
    expect(connections()).toBe(3);
    const post = rawServer('', whole);
    await expect(call({ url: post.url, init: { method: 'POST', body: 'x' } })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(post.connections()).toBe(1);
  });

  it('cancels the body of an answer that it discards', async () => {
    const cancelled = Promise.withResolvers<void>();
    const endless = () =>
      new Response(
        new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1024)), cancel: () => cancelled.resolve() }),
      );
    const { url } = server(() => new Response(endless().body, { status: 500 }), fine);
    expect((await client().call({ url, stream: true })).status).toBe(200);
    await cancelled.promise;
  });

  it('streams on beyond the deadline, until the caller gives up', async () => {
    const parts = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    const body = () =>
      new ReadableStream({
        async start(controller) {
          controller.enqueue('first');
          await parts.promise;
          controller.enqueue('second');
        },
        cancel: () => cancelled.resolve(),
      });
    const { url } = server(() => new Response(body()));
    const caller = new AbortController();
    const clock = fakeClock();
    const response = await client({ deadlineMs: 50, clock }).call({
      url,
      stream: true,
      init: { signal: caller.signal },
    });
    const reader = response.body?.getReader();
    const read = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await read()).toBe('first');
    await clock.advance(100);
    parts.resolve();
    expect(await read()).toBe('second');
    caller.abort(new Error('gave up'));
    await expect(read()).rejects.toThrow();
    await cancelled.promise;
  });

  it('ends with the reason of the caller', async () => {
    const arrived = Promise.withResolvers<void>();
    const { url } = server(() => {
      arrived.resolve();
      return hang();
    });
    const caller = new AbortController();
    const call = client().call({ url, init: { signal: caller.signal } });
    await arrived.promise;
    caller.abort(new Error('the reader left'));
    await expect(call).rejects.toThrow('the reader left');
  });
});

/** Answers each connection with the next text, then resets it. */
function rawServer(...answers: string[]) {
  let count = 0;
  const listener = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket: Socket<undefined>) {
        const answer = answers[count++];
        if (answer) socket.write(answer);
        setTimeout(() => socket.terminate(), answer ? 20 : 0);
      },
    },
  });
  cleanUps.push(() => listener.stop(true));
  return { url: `http://127.0.0.1:${listener.port}/`, connections: () => count };
}

/** A port on which nobody listens. */
function closedPort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}
