import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { machineScopes, serviceAudience, serviceOf } from '@chatapp/contract/scopes';
import { secretsIn } from '../dev/check/secrets.ts';
import { clientCredentials, codeFlowTokens } from '../dev/issuer/sign-in.ts';
import { clientIds, keyFileOf } from '../dev/keys.ts';
import { conversationOf, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { exchangeBytes, framingCases, statusOf } from '../dev/testing/raw-request.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Door, doorsOf, filled, isInternal, services } from './doors.ts';

let stack: TestStack;
let urls: Record<string, string>;
let ann: Person;
let eve: Person;
let eveToken: string;
let conversationId: string;
/** By `client audience scope`. */
const machineTokens = new Map<string, string>();
beforeAll(async () => {
  stack = await testStack({ env: { API_DOCS: 'on' } });
  const run = await stack.run();
  urls = Object.fromEntries(services.map((name) => [name, run[name]?.url ?? '']));
  [ann, eve] = await Promise.all([signIn(stack.url, 'ann'), signIn(stack.url, 'eve')]);
  conversationId = (await conversationOf('Canary crew', ann)).id;
  const path = `/api/messages/conversations/${conversationId}/messages`;
  expectStatus(await ann.call('POST', path, { clientId: crypto.randomUUID(), body: 'canary text' }), 201, 200);
  const issuer = run.issuer?.url ?? '';
  const keyFile = (client: string) => keyFileOf(join(stack.dataDir, 'keys'), client);
  const redirectUri = `${stack.url}/bff/callback`;
  eveToken = (await codeFlowTokens({ issuer, keyFile: keyFile('bff'), login: 'eve', redirectUri })).accessToken;
  for (const clientId of clientIds) {
    for (const scope of machineScopes) {
      const audience = serviceAudience(serviceOf(scope));
      const token = await clientCredentials({ issuer, clientId, keyFile: keyFile(clientId), audience, scopes: [scope] })
        // What a client may not ask for, the issuer does not give.
        .catch(() => undefined);
      if (token !== undefined) machineTokens.set(`${clientId} ${audience} ${scope}`, token);
    }
  }
}, 120_000);
afterAll(() => stack?.stop());

const knock = async ({ service, method, path }: Door, token: string, values: Record<string, string> = {}) => {
  const response = await fetch(`${urls[service]}${filled(path, values)}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': crypto.randomUUID() },
  });
  await response.body?.cancel();
  return response.status;
};
const isRefused = (status: number) => status === 401 || status === 403;

describe('the routes of every service', () => {
  it('S22: for machines each open to one scope of their own service; none to people, and none of people’s to machines', async () => {
    const all = await doorsOf(urls);
    const internal = all.filter(isInternal);
    expect(internal.length).toBeGreaterThan(6);
    expect(machineTokens.size).toBeGreaterThan(6);
    for (const door of internal) {
      const name = `${door.service} ${door.method} ${door.path}`;
      const opened = new Set<string>();
      for (const [key, token] of machineTokens) {
        if (!isRefused(await knock(door, token))) opened.add(key.split(' ')[2] ?? '');
      }
      expect([name, opened.size]).toEqual([name, 1]);
      for (const scope of opened) expect([name, scope.split(':')[0]]).toEqual([name, door.service]);
      expect([name, isRefused(await knock(door, eveToken))]).toEqual([name, true]);
    }
    const ofPeople = all.filter((door) => !isInternal(door) && ['conversations', 'messages'].includes(door.service));
    const counted = ofPeople.filter(({ path }) => !path.startsWith('/health'));
    expect(counted.length).toBeGreaterThan(40);
    for (const door of counted) {
      for (const [key, token] of machineTokens) {
        const name = `${key} at ${door.service} ${door.method} ${door.path}`;
        expect([name, isRefused(await knock(door, token))]).toEqual([name, true]);
      }
    }
  }, 60_000);

  it('S24: judge a person by their own token, whatever a service that asks for them may do', async () => {
    const all = (await doorsOf(urls)).filter((door) => /\/conversations\/\{id\}/.test(door.path) && !isInternal(door));
    const found = all.filter(({ service }) => service === 'conversations' || service === 'messages');
    expect(found.length).toBeGreaterThan(25);
    const values = { id: conversationId, seq: '1', userId: ann.userId, emoji: '%F0%9F%91%8D' };
    const bodies: Record<string, unknown>[] = [
      {},
      { clientId: crypto.randomUUID(), body: 'eve was here' },
      { body: 'eve was here' },
      { seq: 1 },
      { name: 'Eve’s' },
      { userId: eve.userId },
      { role: 'admin' },
      { muted: true },
    ];
    for (const door of found) {
      const path = `/api/${door.service}${filled(door.path, values)}`;
      const name = `${door.method} ${path}`;
      const sent = door.method === 'GET' ? [undefined] : bodies;
      for (const body of sent) {
        const { status } = await eve.call(door.method, path, body, { 'idempotency-key': crypto.randomUUID() });
        // A joinable conversation may be asked for; this one is not, so it is as unknown as none. 422: the body is none of this route.
        expect([name, [404, 422].includes(status)]).toEqual([name, true]);
      }
    }
    // Both the machine that may ask for access and the person's token say the same of Eve.
    const token = machineTokens.get('messages urn:chatapp:conversations conversations:access.read') ?? '';
    const asked = await fetch(
      `${urls.conversations}/internal/conversations/${conversationId}/access?userId=${eve.userId}`,
      {
        headers: { authorization: `Bearer ${token}` },
      },
    );
    expect(asked.status).toBe(404);
    const { body } = await ann.call<{ items: { body: string }[] }>(
      'GET',
      `/api/messages/conversations/${conversationId}/messages`,
    );
    expect(JSON.stringify(body)).not.toContain('eve was here');
  }, 60_000);
});

describe('the logs of every service', () => {
  it('S46, S48: hold no key, token, password, cookie or text', async () => {
    const files = await Array.fromAsync(
      new Bun.Glob('*.log').scan({ cwd: join(stack.dataDir, 'logs'), absolute: true }),
    );
    expect(files.length).toBeGreaterThanOrEqual(services.length);
    const passwords = Object.values(
      (await Bun.file(join(stack.dataDir, 'secrets.json')).json()) as Record<string, unknown>,
    )
      .flatMap((value) => (typeof value === 'string' ? [value] : Object.values(value as object).map(String)))
      .filter((value) => value.length > 12);
    expect(passwords.length).toBeGreaterThan(3);
    const secrets = [...passwords, eveToken, ...machineTokens.values(), ann.cookies.header(stack.url), 'canary text'];
    for (const file of files) {
      const text = await Bun.file(file).text();
      expect([file, secretsIn(text)]).toEqual([file, []]);
      expect([file, secrets.filter((secret) => text.includes(secret)).length]).toEqual([file, 0]);
    }
  });
});

describe('the sockets of every service', () => {
  const head = (method: string, path: string, url: string) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n`;
  const writer =
    (method: string, path: string, url: string) =>
    (...headers: readonly string[]) =>
      `${head(method, path, url)}${headers.map((line) => `${line}\r\n`).join('')}\r\n`;

  it.each(services)(
    'S19: at %s refuse a message whose end is in doubt',
    async (name) => {
      const url = urls[name] ?? '';
      const good = await exchangeBytes(url, writer('GET', '/health/live', url)());
      expect([statusOf(good.answer), good.wasClosed]).toEqual([200, false]);
      const get = writer('GET', '/health/live', url);
      const post = writer('POST', '/conversations', url);
      for (const [what, bytes] of Object.entries(framingCases({ get, post }))) {
        const { answer, wasClosed } = await exchangeBytes(url, bytes(), { silenceMs: 5000 });
        expect([what, wasClosed]).toEqual([what, true]);
        // A second request behind it: who takes the first for shorter than it is would answer this one.
        const both = await exchangeBytes(url, `${bytes()}${get()}`, { silenceMs: 5000 });
        expect([what, `${answer}${both.answer}`.includes('"status":"ok"')]).toEqual([what, false]);
        // A fault within the body may come after the answer, which ends the connection.
        const early = / chunk/.test(what) ? [401, 403, 404, 405, 415] : [];
        const status = statusOf(answer);
        expect([what, status, [400, 413, 431, 501, 505, ...early].includes(status)]).toEqual([what, status, true]);
      }
    },
    30_000,
  );

  it.each([
    ['hosts', ['Host: evil.example']],
    ['lengths', ['Content-Length: 0', 'Content-Length: 0']],
  ])('S19: at realtime refuse two %s in a handshake', async (_what, doubled) => {
    const url = urls.realtime ?? '';
    const upgrade = [...doubled, 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const { answer, wasClosed } = await exchangeBytes(url, writer('GET', '/realtime?ticket=x', url)(...upgrade));
    expect([statusOf(answer), wasClosed]).toEqual([400, true]);
  });
});
