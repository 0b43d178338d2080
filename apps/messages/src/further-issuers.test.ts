import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { userIdOf } from '@chatapp/contract/ids';
import { type TestIssuer, testIssuer } from '../../../dev/testing/issuer.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type TestMessages, testMessages } from './testing/database.ts';
import { type TestProcess, testProcess } from './testing/process.ts';
import { subjectOf, type TestService, testService } from './testing/service.ts';

let main: TestIssuer;
let second: TestIssuer;
let stranger: TestIssuer;
let redis: TestRedis;
let messages: TestMessages;
let service: TestService;
let child: TestProcess;

beforeAll(async () => {
  [main, second, stranger] = await Promise.all([testIssuer(), testIssuer(), testIssuer()]);
  [redis, messages] = await Promise.all([testRedis(), testMessages()]);
  const further = [{ alias: 'second', issuer: second.issuer }];
  service = await testService({ messages, redisUrl: redis.url, issuer: main, furtherIssuers: further });
  child = await testProcess({
    ...{ databaseUrl: messages.url, redisUrl: redis.url },
    env: {
      OIDC_ISSUER: main.issuer,
      OIDC_FURTHER_ISSUERS: JSON.stringify(further.map((one) => ({ ...one, name: 'Second', clientId: 'bff' }))),
      OIDC_CLIENT_KEY_FILE: main.keyFile('messages'),
    },
  });
});
afterAll(async () => {
  child.kill('SIGKILL');
  await child.ended;
  service.close();
  await messages.close();
  await redis.stop();
  await Promise.all([main, second, stranger].map((issuer) => issuer.stop()));
});

const idOf = (issuerAlias: string, token: string) => userIdOf({ issuerAlias, kind: 'user', sub: subjectOf(token) });

describe('an issuer beside the main one', () => {
  it('vouches for people of its own, who are nobody else even under the same subject', async () => {
    const [annHere, annThere] = await Promise.all([main.personToken('ann'), second.personToken('ann')]);
    expect(subjectOf(annThere)).toBe(subjectOf(annHere));
    const [here, there] = await Promise.all([idOf('local', annHere), idOf('second', annThere)]);
    const c = crypto.randomUUID();
    const send = (token: string) =>
      service.call({
        ...{ method: 'POST', path: `/conversations/${c}/messages`, token },
        body: { clientId: crypto.randomUUID(), body: 'hello' },
      });
    service.join(c, there);
    expect((await send(annHere)).status).toBe(404);
    expect((await send(annThere)).status).toBe(201);
    service.join(c, here);
    expect((await send(annHere)).status).toBe(201);
    const { body } = await service.call({ path: `/conversations/${c}/messages`, token: annHere });
    expect(body.items.map(({ senderId }: { senderId: string }) => senderId)).toEqual([there, here]);
  });

  it('vouches for no machine', async () => {
    const token = await second.machineToken('realtime', 'urn:chatapp:messages', ['messages:heads.read']);
    const answer = await service.call({ ...{ method: 'POST', path: '/internal/heads', token }, body: { ids: [] } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'token-invalid' } });
  });

  it('is known to the process by its settings, and no other is', async () => {
    const statusOf = async (issuer: TestIssuer) => {
      const headers = { authorization: `Bearer ${await issuer.personToken('ann')}` };
      const { status } = await fetch(`${child.url}/conversations/${crypto.randomUUID()}/messages`, { headers });
      return status;
    };
    // Conversations is away, so whoever is let in hears that access cannot be known.
    expect(await Promise.all([main, second, stranger].map(statusOf))).toEqual([503, 503, 401]);
  });
});
