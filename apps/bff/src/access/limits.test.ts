import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let second: Instance;
let ann: Browser;
let dave: Browser;
beforeAll(async () => {
  const env = { REQUESTS_PER_MINUTE: '100', ADDRESS_REQUESTS_PER_MINUTE: '200', SIGN_INS_PER_MINUTE: '20' };
  stand = await startStand({ env });
  second = await stand.another();
  ann = await stand.signIn('ann');
  dave = await stand.signIn('dave');
}, 60_000);
afterAll(() => stand.stop());

const counts = (answers: readonly Response[]) => {
  const found: Record<number, number> = {};
  for (const { status } of answers) found[status] = (found[status] ?? 0) + 1;
  return found;
};
const inWaves = async (times: number, send: (index: number) => Promise<Response>): Promise<Response[]> => {
  const answers: Response[] = [];
  while (answers.length < times) {
    const wave = Array.from({ length: Math.min(40, times - answers.length) }, (_, at) => send(answers.length + at));
    answers.push(...(await Promise.all(wave)));
  }
  return answers;
};
const burst = (times: number, send: (at: string, index: number) => Promise<Response>) =>
  inWaves(times, (index) => send(index % 2 ? stand.url : second.url, index));
/** A window begins with the first request in it; a burst that met its end would count two. */
const freshKeys = async () => {
  for (const key of await stand.store.keys('limit:bff:*')) await stand.store.del(key);
};

describe('limits of rates', () => {
  it('S43: hold a session to its share over two instances, and nobody else', async () => {
    const bob = await stand.signIn('bob');
    const found = counts(await burst(1000, (at) => bob.call('GET', '/api/messages/x', { at })));
    expect(Object.keys(found)).toEqual(['200', '429']);
    expect(found[200]).toBeWithin(95, 106);
    expect(stand.mirror.seen.filter(({ path }) => path === '/x').length).toBe(found[200] ?? 0);
    expect((await ann.call('GET', '/api/messages/y')).status).toBe(200);
  }, 20_000);

  it('S43: say how long to wait, and by which limit', async () => {
    const carol = await stand.signIn('carol');
    await burst(150, (at) => carol.call('GET', '/bff/user', { at }));
    const refused = await carol.call('GET', '/bff/user');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeWithin(1, 61);
    expect(refused.headers.get('ratelimit-policy')).toBe('"session";q=100;w=60');
    expect(refused.headers.get('ratelimit')).toMatch(/^"session";r=0;t=\d+$/);
    expect(await refused.json()).toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    // One line an instance and window, whatever comes.
    const lines = stand.audited('rate-limited').filter(({ limit }) => String(limit).startsWith('session'));
    expect(lines.length).toBeWithin(1, 5);
    expect(JSON.stringify(lines)).not.toContain((await stand.store.keys('session:*'))[0]?.slice(8) ?? 'x');
  }, 20_000);

  it('S43: count sign-ins by address, over two instances; who begins too many reads a page', async () => {
    const two = [await stand.another(), await stand.another()];
    await freshKeys();
    const answers = await inWaves(200, (index) =>
      fetch(`${two[index % 2]?.url}/bff/login`, {
        redirect: 'manual',
        headers: { accept: 'text/html', 'x-forwarded-for': `10.0.0.${index % 250}` },
      }),
    );
    const found = counts(answers);
    expect(Object.keys(found)).toEqual(['303', '429']);
    expect(found[303]).toBeWithin(19, 22);
    const page = answers.find(({ status }) => status === 429);
    expect(page?.headers.get('content-type')).toContain('text/html');
    expect(page?.headers.get('ratelimit-policy')).toBe('"sign-in";q=20;w=60');
    expect(Number(page?.headers.get('retry-after'))).toBeWithin(1, 61);
    expect(await page?.text()).toContain('Wait a minute');
  }, 20_000);

  it.each([
    ['GET', '/bff/login/'],
    ['HEAD', '/bff/login'],
  ])('S43: count a sign-in that is written %s %s, or begin none', async (method, path) => {
    await freshKeys();
    const answers = await inWaves(100, () =>
      fetch(`${second.url}${path}`, { method, redirect: 'manual', headers: { 'x-csrf': '1' } }),
    );
    expect(counts(answers)[303] ?? 0).toBeLessThanOrEqual(21);
    for (const { status } of answers) expect([303, 404, 429]).toContain(status);
  });

  it('S43: hold an address to its share over two instances, whatever headers a caller makes up', async () => {
    const two = [await stand.another(), await stand.another()];
    await freshKeys();
    const spoofed = await inWaves(2000, (index) =>
      fetch(`${two[index % 2]?.url}/bff/user`, {
        headers: {
          'x-csrf': '1',
          'x-forwarded-for': `10.1.${index >> 8}.${index & 255}`,
          forwarded: `for=10.2.${index >> 8}.${index & 255}`,
          'x-real-ip': `10.3.${index >> 8}.${index & 255}`,
          'cf-connecting-ip': `10.4.${index >> 8}.${index & 255}`,
        },
      }),
    );
    const found = counts(spoofed);
    expect(Object.keys(found)).toEqual(['401', '429']);
    expect(found[401]).toBeWithin(190, 211);
    for (const { status, headers } of spoofed.filter(({ status }) => status === 429)) {
      expect([status, headers.get('ratelimit-policy')]).toEqual([429, '"address";q=200;w=60']);
      expect(Number(headers.get('retry-after'))).toBeWithin(1, 61);
      expect(headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
    }
  }, 30_000);

  it('S43: count by what our own proxy wrote, where there is one', async () => {
    const instance = await stand.another({ ADDRESS_REQUESTS_PER_MINUTE: '10', TRUSTED_HOPS: '1' });
    await freshKeys();
    const from = (address: string, times: number) =>
      Promise.all(
        Array.from({ length: times }, (_, index) =>
          fetch(`${instance.url}/bff/user`, {
            headers: { 'x-csrf': '1', 'x-forwarded-for': `10.9.9.${index}, ${address}` },
          }),
        ),
      );
    expect(counts(await from('10.1.0.1', 15))).toEqual({ 401: 10, 429: 5 });
    expect(counts(await from('10.1.0.2', 5))).toEqual({ 401: 5 });
  });

  it('S43: go on without Redis, each instance alone; nobody signs in then', async () => {
    await dave.call('GET', '/bff/user');
    await dave.call('GET', '/bff/user', { at: second.url });
    await stand.redis.stop();
    // What operations.md says: open for who is signed in, each instance with a whole limit of its own; closed for sign-ins.
    const found = counts(await burst(600, (at) => dave.call('GET', '/api/messages/x', { at })));
    const signIn = await fetch(`${stand.url}/bff/login`, { redirect: 'manual' });
    await stand.redis.start();
    expect(Object.keys(found)).toEqual(['200', '429']);
    expect(found[200]).toBeWithin(190, 405);
    expect([signIn.status, signIn.headers.has('retry-after')]).toEqual([503, true]);
  }, 30_000);
});
