import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type TestProcess, testProcess } from '../testing/process.ts';
import { type Answer, type Call, type Login, logins, type TestService, testService } from '../testing/service.ts';

const rounds = process.env.PROOF === 'full' ? 50 : 5;
const limitMs = 60_000 + rounds * 4000;

let service: TestService;
let redis: TestRedis;
const instances: TestProcess[] = [];
/** Everybody at each of the two instances. */
const at: Record<Login, Call>[] = [];
let crowd: Call[] = [];

beforeAll(async () => {
  [service, redis] = await Promise.all([testService({ crowd: 10 }), testRedis()]);
  for (let count = 0; count < 2; count++) {
    const instance = await testProcess(service, { redisUrl: redis.url });
    instances.push(instance);
    const calls = logins.map((login) => [login, service.callAt(instance.url, service.tokens[login])]);
    at.push(Object.fromEntries(calls) as Record<Login, Call>);
  }
  crowd = service.crowd.map(({ token }, index) => service.callAt(instances[index % 2]?.url ?? '', token));
}, 120_000);
afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.kill()));
  await redis.stop();
  await service.close();
});

const first = () => at[0] as Record<Login, Call>;
const second = () => at[1] as Record<Login, Call>;
const outcomeOf = ({ status, body }: Answer): string => (status < 300 ? 'ok' : body.code);
const makeGroup = async (): Promise<string> => (await first().ann('POST', '/conversations', { name: 'Race' })).body.id;
const membersOf = async (id: string) =>
  await service.sql<
    { user_id: string; role: string }[]
  >`SELECT user_id, role FROM members WHERE conversation_id = ${id}`;
const memberCountOf = async (id: string) =>
  (await service.sql<{ n: number }[]>`SELECT member_count AS n FROM conversations WHERE id = ${id}`)[0]?.n;
/** Each round as it ended; the test names the endings that may be. */
const race = async (once: () => Promise<string[]>): Promise<string[][]> => {
  const endings: string[][] = [];
  for (let round = 0; round < rounds; round++) endings.push(await once());
  return endings;
};
const onlyThese = (endings: readonly string[][], allowed: readonly string[][]) => {
  for (const ending of endings) expect(allowed).toContainEqual(ending);
};

describe(`races at two instances, ${rounds} rounds each (PROOF=full: 50)`, () => {
  it(
    'ten accept a link of one use: one is in, nine are told that it is used up',
    async () => {
      const endings = await race(async () => {
        const id = await makeGroup();
        const link = await first().ann('POST', `/conversations/${id}/invitations`, { link: true, usesMax: 1 });
        const token = link.body.url.split('/').at(-1);
        const answers = await Promise.all(crowd.map((call) => call('POST', `/invitations/token/${token}/accept`)));
        expect(await membersOf(id)).toHaveLength(2);
        expect(await memberCountOf(id)).toBe(2);
        return answers.map(outcomeOf).sort();
      });
      onlyThese(endings, [[...Array.from({ length: 9 }, () => 'invitation-used-up'), 'ok']]);
    },
    limitMs,
  );

  it(
    'an invitation is accepted and revoked: one of both',
    async () => {
      const endings = await race(async () => {
        const id = await makeGroup();
        const { body } = await first().ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.bob });
        const answers = await Promise.all([
          second().bob('POST', `/invitations/${body.id}/accept`),
          first().ann('DELETE', `/invitations/${body.id}`),
        ]);
        const ending = answers.map(outcomeOf);
        expect(await membersOf(id)).toHaveLength(ending[0] === 'ok' ? 2 : 1);
        return ending;
      });
      onlyThese(endings, [
        ['ok', 'conflict'],
        ['invitation-revoked', 'ok'],
      ]);
    },
    limitMs,
  );

  it(
    'an invitation is accepted and its person banned: never a banned member',
    async () => {
      const endings = await race(async () => {
        const id = await makeGroup();
        const { body } = await first().ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.bob });
        const answers = await Promise.all([
          second().bob('POST', `/invitations/${body.id}/accept`),
          first().ann('POST', `/conversations/${id}/bans/${service.ids.bob}`),
        ]);
        expect((await membersOf(id)).map((row) => row.user_id)).toEqual([service.ids.ann]);
        expect(await memberCountOf(id)).toBe(1);
        return answers.map(outcomeOf);
      });
      onlyThese(endings, [
        ['ok', 'ok'],
        ['invitation-revoked', 'ok'],
      ]);
    },
    limitMs,
  );

  it(
    'a link is used and its person banned: never a banned member',
    async () => {
      const endings = await race(async () => {
        const id = await makeGroup();
        const link = await first().ann('POST', `/conversations/${id}/invitations`, { link: true });
        const answers = await Promise.all([
          second().bob('POST', `/invitations/token/${link.body.url.split('/').at(-1)}/accept`),
          first().ann('POST', `/conversations/${id}/bans/${service.ids.bob}`),
        ]);
        expect((await membersOf(id)).map((row) => row.user_id)).toEqual([service.ids.ann]);
        return answers.map(outcomeOf);
      });
      onlyThese(endings, [
        ['ok', 'ok'],
        ['banned', 'ok'],
      ]);
    },
    limitMs,
  );

  it(
    'a direct conversation is started by both: it is one',
    async () => {
      const [left, right] = service.crowd;
      const endings = await race(async () => {
        await service.sql`DELETE FROM members WHERE user_id = ${left?.id ?? ''}`;
        await service.sql`DELETE FROM members WHERE user_id = ${right?.id ?? ''}`;
        await service.sql`DELETE FROM conversations WHERE kind = 'direct'`;
        const answers = await Promise.all([
          crowd[0]?.('POST', '/direct-conversations', { userId: right?.id }),
          crowd[1]?.('POST', '/direct-conversations', { userId: left?.id }),
        ]);
        expect(new Set(answers.map((answer) => answer?.body.id)).size).toBe(1);
        return answers.map((answer) => String(answer?.status)).sort();
      });
      onlyThese(endings, [['200', '201']]);
    },
    limitMs,
  );

  it(
    'a member leaves while the conversation is handed to them: one owner in any case',
    async () => {
      const endings = await race(async () => {
        const id = await makeGroup();
        const { body } = await first().ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.bob });
        await second().bob('POST', `/invitations/${body.id}/accept`);
        const answers = await Promise.all([
          second().bob('POST', `/conversations/${id}/leave`),
          first().ann('POST', `/conversations/${id}/owner`, { userId: service.ids.bob }),
        ]);
        expect((await membersOf(id)).filter((row) => row.role === 'owner')).toHaveLength(1);
        return answers.map(outcomeOf);
      });
      onlyThese(endings, [
        ['ok', 'invalid'],
        ['last-owner', 'ok'],
      ]);
    },
    limitMs,
  );

  it(
    'the owner leaves while handing over: they are out only after it',
    async () => {
      const endings = await race(async () => {
        const id = await makeGroup();
        const { body } = await first().ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.bob });
        await second().bob('POST', `/invitations/${body.id}/accept`);
        const answers = await Promise.all([
          first().ann('POST', `/conversations/${id}/leave`),
          second().ann('POST', `/conversations/${id}/owner`, { userId: service.ids.bob }),
        ]);
        expect((await membersOf(id)).filter((row) => row.role === 'owner')).toHaveLength(1);
        return answers.map(outcomeOf);
      });
      onlyThese(endings, [
        ['last-owner', 'ok'],
        ['ok', 'ok'],
      ]);
    },
    limitMs,
  );
});
