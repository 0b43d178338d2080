import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { type Mirror, startMirror } from '../../testing/mirror.ts';
import { type ProxyRoute, proxyRoutes } from './routes.ts';

const timeouts = { connectMs: 300, firstByteMs: 500, onceMs: 900, uploadMs: 5000, activityMs: 30_000 };
const [usual] = proxyRoutes;
if (usual === undefined) throw new Error('there are no routes');
const routes: readonly ProxyRoute[] = [
  { ...usual, prefix: '/api/messages', service: 'messages', timeouts },
  { ...usual, prefix: '/api/large', service: 'messages', timeouts, bodyBytesMax: 1_048_576 },
];
/** A machine that is busy with other things; well below the whole request's ten seconds. */
const slackMs = 4000;

let stand: Stand;
let ann: Browser;
let other: Mirror;
beforeAll(async () => {
  [stand, other] = await Promise.all([startStand({ proxyRoutes: routes }), startMirror()]);
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

const never = () => new Promise<Response>(() => undefined);
/** As SIGSTOP does it: connections are made, and nothing is answered. */
const frozen = () => stand.mirror.answer(never);
const ask = async (bff: Instance, method: string, path = '/api/messages/x', body = '{"n":1}') => {
  const at = performance.now();
  const { status } = await ann.call(method, path, { at: bff.url, ...(method === 'GET' ? {} : { body }) });
  return { status, ms: performance.now() - at };
};
const askSix = (bff: Instance, method: string, path?: string, body?: string) =>
  Promise.all(Array.from({ length: 6 }, () => ask(bff, method, path, body)));
const statuses = (answers: readonly { readonly status: number }[]) => [...new Set(answers.map(({ status }) => status))];
const slowest = (answers: readonly { readonly ms: number }[]) => Math.max(...answers.map(({ ms }) => ms));

describe('an instance that answers nothing', () => {
  it.each([
    ['GET', '/api/messages/x', ''],
    ['PUT', '/api/messages/x', '{"n":1}'],
    ['DELETE', '/api/messages/x', '{"n":1}'],
    ['PUT', '/api/large/x', 'x'.repeat(100_000)],
  ])('F6: costs a %s of %s the time for a first byte: then another one is asked', async (method, path, body) => {
    const bff = await stand.another({ MESSAGES_URL: `${stand.mirror.url},${other.url}` });
    frozen();
    const answers = await askSix(bff, method, path, body);
    expect(stand.mirror.seen.length).toBeGreaterThan(0);
    expect(statuses(answers)).toEqual([200]);
    expect(slowest(answers)).toBeWithin(timeouts.firstByteMs - 50, 2 * timeouts.firstByteMs + slackMs);
  });

  it.each(['POST', 'PATCH'])(
    'F6: is told of by 504 to a %s, which is not sent again, and left alone then',
    async (method) => {
      const bff = await stand.another({ MESSAGES_URL: stand.mirror.url });
      frozen();
      const answers = await askSix(bff, method);
      expect([statuses(answers), stand.mirror.seen.length]).toEqual([[504], 6]);
      expect(slowest(answers)).toBeWithin(timeouts.onceMs - 50, timeouts.onceMs + slackMs);
      await eventually(() => bff.logged.some((line) => line.includes('circuit changed') && line.includes('"open"')));
      expect(await ask(bff, 'GET')).toMatchObject({ status: 503 });
    },
  );
});

describe('an instance that takes no connection', () => {
  it.each(['GET', 'PUT', 'POST'])('costs a %s the time for a connection: then another one is asked', async (method) => {
    // 192.0.2.0/24 is for documentation (RFC 5737): packets to it go nowhere.
    const bff = await stand.another({ MESSAGES_URL: `http://192.0.2.1:81,${other.url}` });
    const answers = await askSix(bff, method);
    expect(statuses(answers)).toEqual([200]);
    expect(slowest(answers)).toBeLessThan(timeouts.connectMs + slackMs);
  });
});
