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
    expect(found[200]).toBeWithin(90, 101);
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

  it('S43: count sign-ins by address; who begins too many reads a page', async () => {
    await freshKeys();
    const open = (at: string, index: number) =>
      fetch(`${at}/bff/login`, { redirect: 'manual', headers: { 'x-forwarded-for': `10.0.0.${index % 250}` } });
    const answers = await burst(60, open);
    const found = counts(answers);
    // What was counted before the keys went is forgotten by one instance and known to the other.
    expect(found[303]).toBeWithin(1, 41);
    const page = answers.find(({ status }) => status === 429);
    expect(page?.headers.get('content-type')).toContain('text/html');
    expect(await page?.text()).toContain('Wait a minute');
  }, 20_000);

  it('S43: no header of a caller changes whom it is counted as', async () => {
    const instance = await stand.another({ ADDRESS_REQUESTS_PER_MINUTE: '10' });
    await freshKeys();
    const spoofed = Array.from({ length: 40 }, (_, index) =>
      fetch(`${instance.url}/bff/user`, {
        headers: {
          'x-csrf': '1',
          'x-forwarded-for': `10.1.0.${index}`,
          forwarded: `for=10.2.0.${index}`,
          'x-real-ip': `10.3.0.${index}`,
          'cf-connecting-ip': `10.4.0.${index}`,
        },
      }),
    );
    expect(counts(await Promise.all(spoofed))).toEqual({ 401: 10, 429: 30 });
  });

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

  it('S43: go on without Redis, each instance alone', async () => {
    await dave.call('GET', '/bff/user');
    await stand.redis.stop();
    const found = counts(await inWaves(300, () => dave.call('GET', '/api/messages/x')));
    await stand.redis.start();
    expect(Object.keys(found)).toEqual(['200', '429']);
    expect(found[200]).toBeWithin(90, 205);
  }, 20_000);
});
