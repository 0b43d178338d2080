import { describe, expect, it } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { ann } from '../../test/people.ts';
import { ApiError } from './api-error.ts';
import { createHttp, ofPerson } from './http.ts';

const problem = (code: string, status: number, more = {}) =>
  Response.json(
    { type: `urn:chatapp:problem:${code}`, title: '', status, code, detail: '', requestId: '', ...more },
    { status },
  );

const start = (...answers: (Response | Error)[]) => {
  const { clock, advance, settle } = fakeClock();
  const asked: { url: string; init: RequestInit }[] = [];
  let signedOut = 0;
  const known = Promise.withResolvers<void>();
  const http = createHttp({
    fetch: async (url, init) => {
      asked.push({ url, init });
      const answer = answers.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new TypeError('Failed to fetch');
    },
    clock,
    random: () => 0.5,
    onSignedOut: () => {
      signedOut++;
      return known.promise;
    },
  });
  return { http, asked, advance, settle, signedOut: () => signedOut, known };
};
const failure = (promise: Promise<unknown>) => promise.catch((error: ApiError) => error) as Promise<ApiError>;

describe('http', () => {
  it('carries the CSRF header, JSON and the key of a command', async () => {
    const { http, asked } = start(Response.json({ id: 1 }));
    expect(await http.request<unknown>('PUT', '/api/x', { body: { a: 1 }, idempotencyKey: 'k' })).toEqual({ id: 1 });
    expect(asked[0]?.init).toMatchObject({
      method: 'PUT',
      body: '{"a":1}',
      headers: { 'X-CSRF': '1', 'Content-Type': 'application/json', 'Idempotency-Key': 'k' },
    });
  });

  it('answers nothing for 204', async () => {
    const { http } = start(new Response(null, { status: 204 }));
    expect(await http.request<unknown>('DELETE', '/api/x')).toBeUndefined();
  });

  it('fails with the code of the problem', async () => {
    const { http } = start(problem('last-owner', 409));
    const error = await failure(http.request('POST', '/api/x'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'last-owner', status: 409 });
  });

  it('knows a code also where a proxy in between answered', async () => {
    const { http } = start(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(await failure(http.request('POST', '/api/x'))).toMatchObject({ code: 'upstream-unreachable' });
  });

  it.each([
    ['a page', new Response('<h1>A timeout occurred</h1>', { status: 524 })],
    ['its own JSON', Response.json({ code: 'internal', message: 'no healthy upstream' }, { status: 500 })],
    ['a word', Response.json(null, { status: 500 })],
  ])('takes %s of a proxy for a server that was not reached, and not for one that failed', async (_name, answer) => {
    const { http } = start(answer);
    expect(await failure(http.request('POST', '/api/x'))).toMatchObject({ code: 'unavailable' });
  });

  it('reads again what cannot be read now, with jitter and no sooner than told', async () => {
    const { http, asked, advance } = start(problem('unavailable', 503, { retryAfterMs: 900 }), Response.json([]));
    const answer = http.request<unknown>('GET', '/api/x');
    await advance(1099);
    expect(asked).toHaveLength(1);
    await advance(1);
    expect(await answer).toEqual([]);
  });

  it('gives up after three tries', async () => {
    const { http, asked, advance } = start();
    const answer = failure(http.request('GET', '/api/x'));
    await advance(5_000);
    expect(await answer).toMatchObject({ code: 'offline', status: 0 });
    expect(asked).toHaveLength(3);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)(
    'sends %s once: the outbox knows when to repeat',
    async (method) => {
      const { http, asked } = start(problem('unavailable', 503));
      await failure(http.request(method, '/api/x'));
      expect(asked).toHaveLength(1);
    },
  );

  it('says whose page asks, and of nobody else', async () => {
    const { http, asked } = start(Response.json({}), Response.json({}));
    await ofPerson(http, ann).request('POST', '/api/x', { idempotencyKey: 'k' });
    await http.request('GET', '/bff/user');
    expect(asked[0]?.init.headers).toMatchObject({ 'Page-User': ann, 'Idempotency-Key': 'k' });
    expect(asked[1]?.init.headers).not.toHaveProperty('Page-User');
  });

  it('asks once who is signed in after 401, and lets nothing of the page out until that is known', async () => {
    const { http, asked, signedOut, known, settle } = start(problem('signed-out', 401), Response.json({}));
    const page = ofPerson(http, ann);
    expect(await failure(page.request('GET', '/api/x'))).toMatchObject({ code: 'signed-out', status: 401 });
    expect(await failure(page.request('POST', '/api/x'))).toMatchObject({ code: 'signed-out', status: 401 });
    expect(asked).toHaveLength(1);
    expect(signedOut()).toBe(1);
    known.resolve();
    await settle();
    expect(await page.request<unknown>('POST', '/api/x')).toEqual({});
  });

  it('sends nothing once more of what waited while who is signed in is asked', async () => {
    const { http, asked, advance } = start(problem('unavailable', 503), problem('signed-out', 401));
    const page = ofPerson(http, ann);
    const read = failure(page.request('GET', '/api/x'));
    await failure(page.request('POST', '/api/x'));
    await advance(5_000);
    expect(await read).toMatchObject({ status: 401 });
    expect(asked).toHaveLength(2);
  });

  it('does not ask anew when the question itself is answered with 401', async () => {
    const { http, signedOut } = start(problem('signed-out', 401));
    expect(await failure(http.request('GET', '/bff/user'))).toMatchObject({ code: 'signed-out' });
    expect(signedOut()).toBe(0);
  });

  it('stops waiting after its time', async () => {
    const { clock, advance } = fakeClock();
    const http = createHttp({
      fetch: (_url, { signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted')))),
      clock,
      random: () => 0.5,
      onSignedOut: async () => undefined,
    });
    const answer = failure(http.request('POST', '/api/x'));
    await advance(12_000);
    expect(await answer).toMatchObject({ code: 'timeout' });
  });
});
