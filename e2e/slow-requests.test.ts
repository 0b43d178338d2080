import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { codeFlowTokens } from '../dev/issuer/sign-in.ts';
import { keyFileOf } from '../dev/keys.ts';
import { conversationOf, type Person, signIn } from '../dev/testing/person.ts';
import {
  openSlowRequest,
  type Slowness,
  type SlowRequest,
  type Upload,
  uploadGigabyte,
  uploadSlowly,
} from '../dev/testing/slow-requests.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { doorsOf, filled, services } from './doors.ts';

const isFull = process.env.PROOF === 'full';
/** Windows without and with the attack, in turn; requests of a normal user in each. */
const windows = isFull ? 30 : 5;
const asksPerWindow = isFull ? 300 : 150;
/** Slow requests that are open in a window of the attack. */
const slowOfAKind: Record<Slowness, number> = { headers: 100, body: 100, read: 20 };
/** Of one person who is signed in: more than may be under way at a service at once. */
const slowSignedIn = 140;
/** The longest that any process waits for what drips. */
const cutSecondsMax = 40;

let stack: TestStack;
let urls: Record<string, string>;
let ann: Person;
let eve: Person;
let conversationId: string;
let script: string;
let eveToken: string;
// They take longer than all the rest: the last tests look at how they ended.
let slow: readonly { at: string; request: SlowRequest }[];
let legal: readonly { at: string; upload: Promise<Upload> }[];

beforeAll(async () => {
  stack = await testStack({
    env: {
      ...{ API_DOCS: 'on', REQUESTS_PER_MINUTE: '1000000', ADDRESS_REQUESTS_PER_MINUTE: '1000000' },
      COMMANDS_PER_MINUTE: '1000000',
    },
  });
  const run = await stack.run();
  urls = Object.fromEntries(services.map((name) => [name, run[name]?.url ?? '']));
  [ann, eve] = await Promise.all([signIn(stack.url, 'ann'), signIn(stack.url, 'eve')]);
  conversationId = (await conversationOf('Crowded', ann)).id;
  script = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(stack.url)).text())?.[1] ?? '';
  const keyFile = keyFileOf(join(stack.dataDir, 'keys'), 'bff');
  const issuer = run.issuer?.url ?? '';
  const tokensOf = (login: string) =>
    codeFlowTokens({ issuer, keyFile, login, redirectUri: `${stack.url}/bff/callback` });
  eveToken = (await tokensOf('eve')).accessToken;
  const { accessToken } = await tokensOf('ann');
  slow = [
    ...services.flatMap((name) => open(name, ['headers', 'body'])),
    ...open('bff', ['read']),
    { at: 'bff body, signed in', request: dripSignedIn() },
  ];
  const body = JSON.stringify({ clientId: crypto.randomUUID(), body: 'from afar' });
  const path = `/conversations/${conversationId}/messages`;
  const padded = (text: string) => ({ body: text.padEnd(60_000), seconds: 20 });
  legal = [
    { at: 'bff', upload: uploadSlowly(urls.bff ?? '', ofBrowser(ann, `/api/messages${path}`), padded(body)) },
    {
      at: 'messages',
      upload: uploadSlowly(
        urls.messages ?? '',
        head('messages', path, `Authorization: Bearer ${accessToken}`),
        padded(body.replace(/"clientId":"[^"]+"/, `"clientId":"${crypto.randomUUID()}"`)),
      ),
    },
  ];
}, 120_000);
afterAll(async () => {
  for (const { request } of slow ?? []) request.stop();
  await stack?.stop();
});

const open = (name: string, kinds: readonly Slowness[]) =>
  kinds.map((kind) => ({ at: `${name} ${kind}`, request: openSlowRequest(urls[name] ?? '', kind, { path: script }) }));
/** A message of somebody who is signed in, a byte a second. */
const dripSignedIn = () => {
  const path = `/api/messages/conversations/${conversationId}/messages`;
  return openSlowRequest(urls.bff ?? '', 'body', { head: ofBrowser(eve, path) });
};
const head = (name: string, path: string, ...headers: readonly string[]) =>
  [
    `POST ${path} HTTP/1.1`,
    `Host: ${new URL(urls[name] ?? '').host}`,
    'Content-Type: application/json',
    ...headers,
    '',
  ].join('\r\n');
const ofBrowser = (person: Person, path: string) =>
  head('bff', path, `Cookie: ${person.cookies.header(stack.url)}`, 'X-CSRF: 1', `Origin: ${stack.url}`);

const percentile = (times: readonly number[], share: number): number =>
  times.toSorted((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
const median = (values: readonly number[]) => percentile(values, 0.5);

/** What somebody does who reads and writes, one after another; answers how long each took, ms. */
const useNormally = async (): Promise<readonly number[]> => {
  const path = `/api/messages/conversations/${conversationId}/messages`;
  const times: number[] = [];
  for (let count = 0; count < asksPerWindow; count++) {
    const startedAt = performance.now();
    const { status } =
      count % 8 === 0
        ? await ann.call('POST', path, { clientId: crypto.randomUUID(), body: 'as always' })
        : await ann.call('GET', count % 2 === 0 ? path : '/bff/user');
    expect([count, status < 300]).toEqual([count, true]);
    times.push(performance.now() - startedAt);
  }
  return times;
};

/** All of it at once, against the public port, until it is stopped. */
const attack = async () => {
  const held = [
    ...(['headers', 'body', 'read'] as const).flatMap((kind) =>
      Array.from({ length: slowOfAKind[kind] }, () => openSlowRequest(urls.bff ?? '', kind, { path: script })),
    ),
    ...Array.from({ length: slowSignedIn }, dripSignedIn),
  ];
  let isOver = false;
  const again = async (one: () => Promise<unknown>, pauseMs: number) => {
    while (!isOver) {
      await one().catch(() => undefined);
      await Bun.sleep(pauseMs);
    }
  };
  const page = `/api/messages/conversations/${conversationId}/messages?limit=1000000000`;
  const url = urls.bff ?? '';
  const work = [
    again(() => uploadGigabyte(url, ofBrowser(eve, '/api/messages/x'), 'length'), 200),
    again(() => uploadGigabyte(url, ofBrowser(eve, '/api/messages/x'), 'chunked'), 200),
    again(() => eve.call('GET', page), 100),
  ];
  // The answers that nobody reads fill the buffers on the way at first: it is the state after that which lasts.
  await Bun.sleep(800);
  return async () => {
    isOver = true;
    for (const request of held) request.stop();
    await Promise.all(work);
  };
};

describe('requests that are too large', () => {
  it('S44: ask for no page that is larger than the largest', async () => {
    const pages = (await doorsOf(urls)).filter(({ parameters }) => parameters.some(({ name }) => name === 'limit'));
    const own = pages.filter(({ service }) => service === 'conversations' || service === 'messages');
    expect(own.length).toBeGreaterThan(3);
    for (const { service, method, path } of own) {
      for (const limit of ['1000000000', '-1', '0', '1e9', '9007199254740993', 'all', '']) {
        const query = `/api/${service}${filled(path, { id: conversationId })}?limit=${limit}`;
        const { status } = await ann.call(method, query);
        expect([query, [400, 422].includes(status)]).toEqual([query, true]);
      }
    }
  });

  it('S44: are a problem like others, whichever service gets them', async () => {
    const further: Record<string, string[]> = {
      bff: ['/api/messages/x', '/bff/csp-reports', '/realtime', '/'],
      realtime: ['/realtime'],
    };
    for (const [name, url] of Object.entries(urls)) {
      for (const path of ['/health/live', ...(further[name] ?? [])]) {
        const response = await fetch(`${url}${path}`, { method: 'POST', body: 'x'.repeat(1_500_000) });
        expect([name, path, response.status]).toEqual([name, path, 413]);
        expect(response.headers.get('content-type')).toBe('application/problem+json');
        expect(await response.json()).toMatchObject({
          code: 'too-large',
          requestId: response.headers.get('x-request-id'),
        });
        if (name === 'bff') expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      }
    }
  });

  it.each(['length', 'chunked'] as const)(
    'S44: send no gigabyte: told by %s',
    async (framing) => {
      const bearer = `Authorization: Bearer ${eveToken}`;
      const targets = [
        { at: 'bff', head: ofBrowser(eve, '/api/messages/x') },
        { at: 'bff', head: head('bff', '/bff/csp-reports') },
        { at: 'conversations', head: head('conversations', '/conversations', bearer) },
        { at: 'messages', head: head('messages', `/conversations/${conversationId}/messages`, bearer) },
        { at: 'realtime', head: head('realtime', '/realtime', bearer) },
      ];
      for (const target of targets) {
        const { status, sentBytes, seconds } = await uploadGigabyte(urls[target.at] ?? '', target.head, framing);
        const found = {
          at: target.at,
          isRefused: [0, 400, 404, 413, 415].includes(status),
          isCut: sentBytes < 16_777_216,
        };
        console.log(`${target.at}: ${status} after ${sentBytes} bytes and ${seconds.toFixed(2)} s`);
        expect({ ...found, isQuick: seconds < 10 }).toEqual({
          at: target.at,
          isRefused: true,
          isCut: true,
          isQuick: true,
        });
      }
    },
    60_000,
  );
});

describe('requests that are too slow', () => {
  it(`S44: leave normal users their time, by ${windows} windows with and without (PROOF=full: 30)`, async () => {
    await useNormally();
    const calm: number[] = [];
    const under: number[] = [];
    for (let window = 0; window < windows; window++) {
      calm.push(percentile(await useNormally(), 0.99));
      const stop = await attack();
      under.push(percentile(await useNormally(), 0.99));
      await stop();
    }
    const [before, during] = [median(calm), median(under)];
    const ratio = during / before;
    console.log(`p99 ${before.toFixed(1)} ms, under attack ${during.toFixed(1)} ms: ${ratio.toFixed(2)} times`);
    if (isFull) expect(ratio).toBeLessThan(2);
    // Every request was answered; a machine that is busy with other things may be slow in both.
    expect(during).toBeLessThan(2 * before + 250);
  }, 300_000);

  it('S44: are cut, wherever they are', async () => {
    for (const { at, request } of slow) {
      const seconds = await Promise.race([request.cut, Bun.sleep(60_000).then(() => Number.POSITIVE_INFINITY)]);
      console.log(`${at}: cut after ${seconds.toFixed(1)} s`);
      expect([at, seconds < cutSecondsMax]).toEqual([at, true]);
    }
  }, 90_000);

  it('S44: are let to their end where they are slow and honest', async () => {
    for (const { at, upload } of legal) {
      const { status, seconds } = await upload;
      expect([at, status, seconds > 15]).toEqual([at, 201, true]);
    }
  }, 60_000);
});
