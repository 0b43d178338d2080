import { beforeAll, describe, expect, it } from 'bun:test';
import { type Actor, actors, bytesOf, casesOf, outsiders, routeNames } from '../../../dev/testing/authorization.ts';
import { conversationsPolicies, forAllServices } from '../../../dev/testing/authorization-policies.ts';
import { unlistedIn } from '../../../dev/testing/hostile-input.ts';
import { type Call, logins } from '../testing/service.ts';
import { serviceForFile } from '../testing/service-for-file.ts';
import { newInvitationToken } from './invitations/token.ts';

const service = serviceForFile();
// Known in the directory, never signed in.
let frank = '';
let gina = '';
let bot: Call;
beforeAll(async () => {
  frank = crypto.randomUUID();
  gina = crypto.randomUUID();
  bot = service.callWith(await service.issuer.machineToken('bot', 'urn:chatapp:api', []));
  for (const login of logins) {
    // So that none of them can delete their account below.
    const { body } = await service.as[login]('POST', '/conversations', { name: 'Own' });
    await service.sql`INSERT INTO members (conversation_id, user_id, role, joined_at)
      SELECT ${body.id}, id, 'member', now() FROM users WHERE id <> ${service.ids[login]} LIMIT 1`;
    await service.sql`UPDATE conversations SET member_count = 2 WHERE id = ${body.id}`;
  }
  for (const id of [frank, gina]) {
    await service.bff('PUT', `/internal/users/${id}`, {
      name: 'F',
      email: null,
      emailVerified: false,
      avatarUrl: null,
    });
  }
  await service.sql`INSERT INTO avatars (user_id, type, hash, bytes, created_at)
    VALUES (${frank}, 'image/png', 'x', ${Buffer.from('0')}, now())`;
}, 60_000);

interface Target {
  readonly conversation: string;
  /** Of the owner, to frank. */
  readonly invitation: string;
  /** Of a link. */
  readonly token: string;
}
interface Sent {
  /** What stands in the path, and behind it. */
  readonly id?: (target: Target) => string;
  readonly userId?: () => string;
  readonly query?: () => string;
  readonly body?: () => unknown;
}

const conversation = ({ conversation }: Target) => conversation;
const invitation = ({ invitation }: Target) => invitation;
const inConversation: Sent = { id: conversation };
const ofDave: Sent = { id: conversation, userId: () => service.ids.dave };
const ofFrank: Sent = { id: conversation, userId: () => frank };
const ofGina: Sent = { id: conversation, userId: () => gina };
const nothing: Sent = {};

const requests: Record<keyof typeof conversationsPolicies, Sent> = {
  ...forAllServices(nothing),

  'POST /conversations': { body: () => ({ name: 'x' }) },
  'GET /conversations': nothing,
  'GET /conversations/:id': inConversation,
  'PATCH /conversations/:id': { ...inConversation, body: () => ({ name: 'y' }) },
  'DELETE /conversations/:id': inConversation,
  'POST /conversations/:id/restore': inConversation,
  'GET /conversations/:id/avatar': inConversation,
  'PUT /conversations/:id/avatar': { ...inConversation, body: () => ({}) },
  'PATCH /conversations/:id/me': { ...inConversation, body: () => ({ muted: true }) },
  'POST /conversations/:id/leave': inConversation,
  'POST /conversations/:id/owner': { ...inConversation, body: () => ({ userId: service.ids.carol }) },
  'GET /conversations/:id/audit': inConversation,
  'POST /direct-conversations': { body: () => ({ userId: frank }) },

  'GET /conversations/:id/members': inConversation,
  'PATCH /conversations/:id/members/:userId': { ...ofDave, body: () => ({ role: 'member' }) },
  'DELETE /conversations/:id/members/:userId': ofDave,
  'GET /conversations/:id/bans': inConversation,
  'POST /conversations/:id/bans/:userId': ofDave,
  'DELETE /conversations/:id/bans/:userId': ofGina,
  'POST /conversations/:id/join-requests': inConversation,
  'GET /conversations/:id/join-requests': inConversation,
  'DELETE /conversations/:id/join-requests': inConversation,
  'POST /conversations/:id/join-requests/:userId/accept': ofFrank,
  'POST /conversations/:id/join-requests/:userId/decline': ofFrank,

  'POST /conversations/:id/invitations': { ...inConversation, body: () => ({ userId: frank }) },
  'GET /conversations/:id/invitations': inConversation,
  'GET /invitations': nothing,
  'POST /invitations/:id/accept': { id: invitation },
  'POST /invitations/:id/decline': { id: invitation },
  'DELETE /invitations/:id': { id: invitation },
  'GET /invitations/token/:token': nothing,
  'POST /invitations/token/:token/accept': nothing,

  'GET /users': { query: () => 'query=frank' },
  'GET /users/:id/avatar': { id: () => frank },
  'GET /me': nothing,
  'PATCH /me': { body: () => ({ avatarUrl: null }) },
  'DELETE /me': nothing,
  'PUT /me/avatar': { body: () => ({}) },
  'GET /me/export': nothing,
  'GET /me/blocks': nothing,
  'PUT /me/blocks/:userId': { userId: () => frank },
  'DELETE /me/blocks/:userId': { userId: () => frank },

  'GET /internal/conversations/:id/access': { id: conversation, query: () => `userId=${service.ids.ann}` },
  'GET /internal/users/:id/conversations': { id: () => service.ids.ann },
  'POST /internal/memberships': { body: () => ({ userIds: [service.ids.ann] }) },
  'GET /internal/users/:id': { id: () => frank },
  'PUT /internal/users/:id': {
    id: () => frank,
    body: () => ({ name: 'Frank', email: null, emailVerified: false, avatarUrl: null }),
  },
};
type Name = keyof typeof requests;

const ask = async (call: Call, name: Name, target: Target, body = requests[name].body?.()) => {
  const [method = '', pattern = ''] = name.split(' ');
  const { id, userId, query } = requests[name];
  const path = pattern
    .replace(':id', () => id?.(target) ?? '')
    .replace(':userId', () => userId?.() ?? '')
    .replace(':token', target.token)
    .replace(':file', 'swagger-ui.css');
  return await call(method, query ? `${path}?${query()}` : path, body);
};

const prepare = async (): Promise<Target> => {
  const conversation = await service.group({ bob: 'admin', carol: 'member', dave: 'viewer' });
  const path = `/conversations/${conversation}/invitations`;
  await service.as.ann('PATCH', `/conversations/${conversation}`, { joinable: true });
  await service.as.ann('POST', `/conversations/${conversation}/bans/${gina}`);
  await service.sql`
    INSERT INTO join_requests (conversation_id, user_id, state, created_at) VALUES (${conversation}, ${frank}, 'pending', now())`;
  await service.sql`INSERT INTO conversation_avatars (conversation_id, type, token, bytes, created_at)
    VALUES (${conversation}, 'image/png', 'x', ${Buffer.from('0')}, now())`;
  const link = (await service.as.ann('POST', path, { link: true })).body;
  const invitation = (await service.as.ann('POST', path, { userId: frank })).body.id;
  return { conversation, invitation, token: link.url.split('/').at(-1) };
};

const nowhere = (): Target => ({
  conversation: crypto.randomUUID(),
  invitation: crypto.randomUUID(),
  token: newInvitationToken(),
});

/** What reads, or is refused, leaves the group as it was: one for each past that eve may have in it. */
const kept = new Map<Past, Promise<Target>>();
type Past = 'exMember' | 'banned' | 'none';
const pastOf = (actor: Actor): Past => (actor === 'exMember' || actor === 'banned' ? actor : 'none');
const untouched = (past: Past): Promise<Target> => {
  const target = kept.get(past) ?? prepareWith(past);
  kept.set(past, target);
  return target;
};

const prepareWith = async (past: Past): Promise<Target> => {
  const target = await prepare();
  if (past === 'none') return target;
  const path = `/conversations/${target.conversation}`;
  const { body } = await service.as.ann('POST', `${path}/invitations`, { userId: service.ids.eve });
  await service.as.eve('POST', `/invitations/${body.id}/accept`);
  if (past === 'banned') await service.as.ann('POST', `${path}/bans/${service.ids.eve}`);
  else await service.as.ann('DELETE', `${path}/members/${service.ids.eve}`);
  return target;
};

const callerOf = (actor: Actor, name: Name): Call => {
  switch (actor) {
    case 'owner':
      return service.as.ann;
    case 'admin':
      return service.as.bob;
    case 'member':
      return service.as.carol;
    case 'viewer':
      return service.as.dave;
    case 'exMember':
    case 'banned':
    case 'stranger':
      return service.as.eve;
    case 'machine':
      if (!name.includes('/internal/')) return bot;
      return /users\/:id$/.test(name) ? service.bff : service.messages;
    case 'anonymous':
      return service.callWith(undefined);
    default:
      return actor satisfies never;
  }
};

describe('the authorization matrix', () => {
  it('S27: has a policy for every route, and a route for every policy', () => {
    expect([...new Set(routeNames(service.app.routes))].sort()).toEqual(Object.keys(conversationsPolicies).sort());
  });

  describe.each(casesOf(conversationsPolicies))('S27, S29: $title', ({ name, expected }) => {
    it.each(actors)('as %s', async (actor) => {
      const changes = !name.startsWith('GET') && expected[actor] === 'ok';
      const target = await (changes ? prepareWith(pastOf(actor)) : untouched(pastOf(actor)));
      const { status, body } = await ask(callerOf(actor, name), name, target);
      expect(status < 300 ? 'ok' : body.code).toBe(expected[actor]);
      if (status < 300) expect(unlistedIn(service.app.routes, { name, status, body })).toEqual([]);
    });
  });

  it.each(outsiders)(
    'S27: answers %s for every hidden thing, to the byte but the request id, as for a missing one',
    async (actor) => {
      const target = await untouched(pastOf(actor));
      const missing = nowhere();
      const hiding = casesOf(conversationsPolicies).filter(({ expected }) => expected[actor] === 'not-found');
      expect(hiding.length).toBeGreaterThan(20);
      for (const { name } of hiding) {
        const hidden = bytesOf(await ask(service.as.eve, name, target));
        expect([name, hidden]).toEqual([name, bytesOf(await ask(service.as.eve, name, missing))]);
      }
    },
  );
});

describe('S29, S39: a route that changes something', () => {
  const names = (Object.keys(requests) as Name[]).filter((name) => /^(POST|PUT|PATCH) /.test(name));
  const caller = (name: Name) => callerOf(name.includes('/internal/') ? 'machine' : 'owner', name);

  it.each(names)('refuses a field that it does not know: %s', async (name) => {
    const body = Object.assign({}, requests[name].body?.(), { x: 1 });
    const { status } = await ask(caller(name), name, await untouched('none'), body);
    expect(status).toBe(name.endsWith('/avatar') ? 415 : 422);
  });

  it.each(names.filter((name) => requests[name].body === undefined))('takes an empty body: %s', async (name) => {
    const target = await prepareWith('none');
    const nothing = await ask(caller(name), name, target);
    const empty = await ask(caller(name), name, await prepareWith('none'), {});
    expect([empty.status, empty.body?.code]).toEqual([nothing.status, nothing.body?.code]);
  });
});

describe('tokens', () => {
  it('of a machine open only the routes of their scope', async () => {
    const path = `/internal/users/${service.ids.ann}/conversations`;
    expect((await service.bff('GET', path)).body.code).toBe('scope');
    expect((await service.messages('PUT', `/internal/users/${frank}`, {})).body.code).toBe('scope');
  });

  it('of another audience, or none at all, open nothing', async () => {
    const foreign = await service.issuer.machineToken('conversations', 'urn:chatapp:messages', ['messages:heads.read']);
    for (const token of [foreign, 'x.y.z', 'nonsense']) {
      const call = service.callWith(token);
      expect((await call('GET', '/me')).body.code).toBe('token-invalid');
      expect((await call('GET', `/internal/users/${frank}/conversations`)).body.code).toBe('token-invalid');
    }
  });
});
