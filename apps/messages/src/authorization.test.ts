import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { BusEvent } from '@chatapp/contract/events';
import { userIdOf } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import {
  type Actor,
  actors,
  bytesOf,
  casesOf,
  outsiders,
  type PolicyCase,
  routeNames,
  takeTheSameTime,
} from '../../../dev/testing/authorization.ts';
import { forAllServices, messagesPolicies } from '../../../dev/testing/authorization-policies.ts';
import { unlistedIn } from '../../../dev/testing/hostile-input.ts';
import { type TestIssuer, testIssuer } from '../../../dev/testing/issuer.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { noteOf } from './events/note.ts';
import { type TestMessages, testMessages } from './testing/database.ts';
import { gone, roleChanged } from './testing/events.ts';
import { subjectOf, type TestService, testService } from './testing/service.ts';

interface Person {
  readonly id: string;
  readonly token: string;
}

/** A conversation as one actor finds it. */
interface Target {
  readonly conversation: string;
  /** Messages that nobody has touched: of the actor, of another member. */
  readonly own: number[];
  readonly others: number[];
}

let issuer: TestIssuer;
let redis: TestRedis;
let messages: TestMessages;
let service: TestService;
const people = new Map<Actor, Person>();
const machineTokens = { internal: '', api: '' };
const targets = new Map<Actor, Target>();

const signIn = async (login: string): Promise<Person> => {
  const token = await issuer.personToken(login);
  return { token, id: await userIdOf({ issuerAlias: 'local', kind: 'user', sub: subjectOf(token) }) };
};

beforeAll(async () => {
  [issuer, redis, messages] = await Promise.all([testIssuer(), testRedis(), testMessages()]);
  // Access is kept, as it is while events are read: what they take has to go from there.
  service = await testService({ messages, redisUrl: redis.url, issuer, readsEvents: () => true });
  const [ann, bob, carol, dave, eve] = await Promise.all(['ann', 'bob', 'carol', 'dave', 'eve'].map(signIn));
  const seats = { owner: ann, admin: bob, member: carol, viewer: dave, exMember: eve, banned: eve, stranger: eve };
  for (const [actor, person] of Object.entries(seats)) if (person) people.set(actor as Actor, person);
  const scopes = ['messages:heads.read', 'messages:changes.read'];
  machineTokens.internal = await issuer.machineToken('realtime', 'urn:chatapp:messages', scopes);
  machineTokens.api = await issuer.machineToken('bot', 'urn:chatapp:api', []);
  await Promise.all(actors.map(async (actor) => targets.set(actor, await prepare(actor))));
}, 60_000);
afterAll(async () => {
  service.close();
  await messages.close();
  await redis.stop();
  await issuer.stop();
});

const personOf = (actor: Actor): Person => people.get(actor) ?? { id: '', token: '' };
const targetOf = (actor: Actor): Target => targets.get(actor) ?? { conversation: '', own: [], others: [] };

/** Everybody but a stranger was a member once, and wrote. */
const prepare = async (actor: Actor): Promise<Target> => {
  const conversation = crypto.randomUUID();
  const other = personOf(actor === 'owner' ? 'member' : 'owner');
  service.join(conversation, other.id, actor === 'owner' ? 'member' : 'owner');
  const others = await write(conversation, other);
  if (!people.has(actor) || actor === 'stranger') return { conversation, own: others, others };
  const me = personOf(actor);
  service.join(conversation, me.id, actor === 'owner' || actor === 'admin' ? actor : 'member');
  const own = await write(conversation, me);
  if (actor === 'viewer') await change(conversation, me, 'viewer');
  if (actor === 'exMember') await change(conversation, me, 'removed');
  if (actor === 'banned') await change(conversation, me, 'banned');
  return { conversation, own, others };
};

const write = async (conversation: string, { token }: Person): Promise<number[]> => {
  const path = `/conversations/${conversation}/messages`;
  const sent = Array.from({ length: 6 }, () =>
    service.call({ method: 'POST', path, token, body: { clientId: crypto.randomUUID(), body: 'hello' } }),
  );
  return (await Promise.all(sent)).map(({ body }) => body.seq);
};

/** As conversations tells it: another answer about access, and an event. */
const change = async (conversation: string, { id }: Person, to: Role | 'removed' | 'banned') => {
  const isOut = to === 'removed' || to === 'banned';
  if (isOut) service.members?.delete(`${conversation} ${id}`);
  else service.join(conversation, id, to, 3);
  const event: BusEvent = isOut ? gone(conversation, `member.${to}`, 3, id) : roleChanged(conversation, to);
  service.access.observe(event);
  const note = isOut ? noteOf(event) : undefined;
  if (note) await messages.save([note]);
};

interface Place {
  readonly conversation: string;
  readonly seq: number;
}
interface Sent {
  readonly query?: string;
  readonly body?: (place: Place) => unknown;
}
const nothing: Sent = {};

const requests: Record<keyof typeof messagesPolicies, Sent> = {
  ...forAllServices(nothing),

  'GET /conversations/:id/messages': nothing,
  'GET /conversations/:id/changes': { query: 'after=0' },
  'POST /conversations/:id/messages': { body: () => ({ clientId: crypto.randomUUID(), body: 'hello' }) },
  'PATCH /conversations/:id/messages/:seq': { body: () => ({ body: 'better' }) },
  'DELETE /conversations/:id/messages/:seq': nothing,
  'PUT /conversations/:id/messages/:seq/reactions/:emoji': nothing,
  'DELETE /conversations/:id/messages/:seq/reactions/:emoji': nothing,
  'GET /conversations/:id/receipts': nothing,
  'PUT /conversations/:id/read': { body: ({ seq }) => ({ seq }) },
  'GET /unread': nothing,
  'GET /me/messages': nothing,
  'GET /me/reactions': nothing,
  'GET /me/read-markers': nothing,

  'POST /internal/heads': { body: ({ conversation }) => ({ ids: [conversation] }) },
  'POST /internal/changes': { body: ({ conversation }) => ({ conversations: [[conversation, 0]] }) },
};
type Name = keyof typeof requests;

const ask = async (actor: Actor, name: Name, place: Place) => {
  const [method = '', pattern = ''] = name.split(' ');
  const { query, body } = requests[name];
  const path = pattern
    .replace(':id', place.conversation)
    .replace(':seq', String(place.seq))
    .replace(':emoji', encodeURIComponent('👍'))
    .replace(':file', 'swagger-ui.css');
  return await service.call({
    method,
    path: query ? `${path}?${query}` : path,
    ...tokenOf(actor, name),
    ...(body ? { body: body(place) } : {}),
  });
};

const tokenOf = (actor: Actor, name: Name): { token?: string } => {
  if (actor === 'anonymous') return {};
  if (actor === 'machine') return { token: name.includes('/internal/') ? machineTokens.internal : machineTokens.api };
  return { token: personOf(actor).token };
};

/** A message that no other case has touched. */
const placeFor = (actor: Actor, { whose = 'others' }: PolicyCase<Name>): Place => {
  const { conversation, ...seqs } = targetOf(actor);
  const seq = seqs[whose].pop();
  if (seq === undefined) throw new Error('more cases than messages');
  return { conversation, seq };
};

describe('the authorization matrix of messages', () => {
  it('S27: has a policy for every route, and a route for every policy', () => {
    expect([...new Set(routeNames(service.app.routes))].sort()).toEqual(Object.keys(messagesPolicies).sort());
  });

  const cases = casesOf(messagesPolicies);
  it.each(outsiders)(
    'S27: answers %s for every hidden thing, to the byte but the request id, as for a missing one',
    async (actor) => {
      const { conversation, own, others } = targetOf(actor);
      const hiding = cases.filter(({ expected }) => expected[actor] === 'not-found');
      expect(hiding.length).toBeGreaterThan(8);
      for (const { name, whose } of hiding) {
        const [seq = 0] = whose === 'own' ? own : others;
        const hidden = await ask(actor, name, { conversation, seq });
        const missing = await ask(actor, name, { conversation: crypto.randomUUID(), seq });
        expect([name, bytesOf(hidden)]).toEqual([name, bytesOf(missing)]);
      }
    },
  );

  it('S27: takes as long over a hidden conversation as over a missing one', async () => {
    const hidden = { conversation: targetOf('stranger').conversation, seq: 1 };
    const missing = { conversation: crypto.randomUUID(), seq: 1 };
    for (const { name } of cases.filter(({ expected }) => expected.stranger === 'not-found')) {
      const same = await takeTheSameTime(
        () => ask('stranger', name, hidden),
        () => ask('stranger', name, missing),
      );
      expect([name, same]).toEqual([name, true]);
    }
  });

  describe.each(cases)('S27, S29: $title', (row) => {
    it.each(actors)('as %s', async (actor) => {
      const place = row.name.includes(':seq') ? placeFor(actor, row) : { ...targetOf(actor), seq: 1 };
      const { status, body } = await ask(actor, row.name, place);
      expect(status < 300 ? 'ok' : body.code).toBe(row.expected[actor]);
      if (status < 300) expect(unlistedIn(service.app.routes, { name: row.name, status, body })).toEqual([]);
    });
  });
});
