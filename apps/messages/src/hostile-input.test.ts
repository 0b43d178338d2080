import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { userIdOf } from '@chatapp/contract/ids';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import {
  bodiesOf,
  hostilePathsOf,
  hostileQueriesOf,
  hostileTexts,
  sampleOf,
  serverFields,
  withField,
} from '../../../dev/testing/hostile-input.ts';
import { type TestIssuer, testIssuer } from '../../../dev/testing/issuer.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type TestMessages, testMessages } from './testing/database.ts';
import { subjectOf, type TestService, testService } from './testing/service.ts';

let issuer: TestIssuer;
let redis: TestRedis;
let messages: TestMessages;
let service: TestService;
const tokens = { ann: '', machine: '' };
const c = crypto.randomUUID();
beforeAll(async () => {
  [issuer, redis, messages] = await Promise.all([testIssuer(), testRedis(), testMessages()]);
  service = await testService({ messages, redisUrl: redis.url, issuer });
  tokens.ann = await issuer.personToken('ann');
  tokens.machine = await issuer.machineToken('realtime', 'urn:chatapp:messages', [
    'messages:heads.read',
    'messages:changes.read',
  ]);
  service.join(c, await userIdOf({ issuerAlias: 'local', kind: 'user', sub: subjectOf(tokens.ann) }), 'owner');
  await send('the first');
}, 60_000);
afterAll(async () => {
  service.close();
  await messages.close();
  await redis.stop();
  await issuer.stop();
});

const pathOf = (pattern: string) => pattern.replace(':id', c).replace(':seq', '1').replace(':emoji', '👍');
const ask = async (method: string, pattern: string, body?: unknown) =>
  await service.call({
    ...{ method, path: pathOf(pattern), body },
    token: pattern.startsWith('/internal/') ? tokens.machine : tokens.ann,
  });
const send = (body: string) => ask('POST', '/conversations/:id/messages', { clientId: crypto.randomUUID(), body });
const bodyOf = async (seq: number): Promise<string> =>
  (await ask('GET', `/conversations/:id/messages?around=${seq}`)).body.items.find(
    (message: { seq: number }) => message.seq === seq,
  ).body;

describe('a body', () => {
  it('S29: sets nothing that is the service’s to set, whatever route takes it', async () => {
    const routes = bodiesOf(service.app.routes);
    expect(routes.length).toBeGreaterThan(4);
    for (const { method, path, body } of routes) {
      for (const name of serverFields.filter((field) => !Object.hasOwn(body.properties, field))) {
        const answer = await ask(method, path, withField(sampleOf(body), name, 'x'));
        expect([method, path, name, answer.status, answer.body.errors]).toEqual([
          ...[method, path, name, 422],
          expect.arrayContaining([
            expect.objectContaining({ path: expect.stringMatching(new RegExp(`^/(${name})?$`)) }),
          ]),
        ]);
      }
    }
  });

  it('S39: of a message is refused, or kept as it came, sent or edited', async () => {
    const kept = (text: string) => text.replace(/\r\n?/g, '\n').normalize('NFC');
    for (const text of hostileTexts) {
      const sent = await send(text);
      expect([text, [201, 422].includes(sent.status)]).toEqual([text, true]);
      const edited = await ask('PATCH', '/conversations/:id/messages/:seq', { body: text });
      expect([text, edited.status]).toEqual([text, sent.status === 201 ? 200 : 422]);
      if (sent.status === 201) {
        const found = [await bodyOf(sent.body.seq), await bodyOf(1)];
        expect(found).toEqual([kept(text), kept(text)]);
      }
    }
  });
});

describe('a path and a query', () => {
  it('S40: find nothing, and name no key of Redis, by what is no id', async () => {
    const store = connectRedis({ url: redis.url, role: 'commands', log: silentLog() });
    await redisReady(store);
    const [{ count: before } = { count: '' }] = await messages.sql`SELECT count(*) FROM messages`;
    for (const { method, path, name, id } of hostilePathsOf(service.app.routes)) {
      const asked = path.replace(name, encodeURIComponent(id));
      const { status } = await ask(method, asked, method === 'GET' ? undefined : {});
      const what = [method, path, name, id];
      expect([...what, [400, 404, 405, 415, 422].includes(status)]).toEqual([...what, true]);
    }
    expect(await messages.sql`SELECT count(*) FROM messages`).toEqual([{ count: before }] as never);
    const keys = await store.keys('*');
    store.disconnect();
    expect(keys.filter((key) => !/^[\w:{}-]+$/.test(key))).toEqual([]);
  });

  it('S39, S40: with a hostile text in whatever parameter are refused', async () => {
    for (const { method, path, name, text, query } of hostileQueriesOf(service.app.routes)) {
      const { status } = await ask(method, `${path}?${query}`);
      expect([method, path, name, text, status < 500]).toEqual([method, path, name, text, true]);
    }
  });
});
