import { beforeAll, describe, expect, it } from 'bun:test';
import { type Call, logins } from '../testing/service.ts';
import { serviceForFile } from '../testing/service-for-file.ts';
import { newInvitationToken } from './invitations/token.ts';

const actors = [
  'owner',
  'admin',
  'member',
  'viewer',
  'exMember',
  'banned',
  'stranger',
  'machine',
  'anonymous',
] as const;
type Actor = (typeof actors)[number];
type Expected = Record<Actor, string>;

const service = serviceForFile();
// Known in the directory, never signed in.
let frank = '';
let gina = '';
beforeAll(async () => {
  frank = crypto.randomUUID();
  gina = crypto.randomUUID();
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

const noPerson = { machine: 'forbidden', anonymous: 'token-invalid' } as const;
/** What a person may do who is signed in, whatever they are in the conversation. */
const anybody: Expected = {
  owner: 'ok',
  admin: 'ok',
  member: 'ok',
  viewer: 'ok',
  exMember: 'ok',
  banned: 'ok',
  stranger: 'ok',
  ...noPerson,
};
const hidden = { exMember: 'not-found', banned: 'not-found', stranger: 'not-found', ...noPerson } as const;
const members: Expected = { ...anybody, ...hidden };
const admins: Expected = { ...members, member: 'forbidden', viewer: 'forbidden' };
const owners: Expected = { ...admins, admin: 'forbidden' };
const nobody: Expected = {
  owner: 'not-found',
  admin: 'not-found',
  member: 'not-found',
  viewer: 'not-found',
  ...hidden,
};
const machines: Expected = {
  owner: 'forbidden',
  admin: 'forbidden',
  member: 'forbidden',
  viewer: 'forbidden',
  exMember: 'forbidden',
  banned: 'forbidden',
  stranger: 'forbidden',
  machine: 'ok',
  anonymous: 'token-invalid',
};

interface Target {
  readonly conversation: string;
  /** Of the owner, to frank. */
  readonly invitation: string;
  /** Of a link. */
  readonly token: string;
}
interface Policy {
  readonly expected: Expected;
  readonly path: (target: Target) => string;
  readonly body?: () => unknown;
}

/** Every route of the service; one that is missing here fails. */
const policies: Record<string, Policy> = {
  'POST /conversations': { expected: anybody, path: () => '/conversations', body: () => ({ name: 'x' }) },
  'GET /conversations': { expected: anybody, path: () => '/conversations' },
  'GET /conversations/:id': { expected: members, path: (target) => `/conversations/${target.conversation}` },
  'PATCH /conversations/:id': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}`,
    body: () => ({ name: 'y' }),
  },
  'POST /direct-conversations': {
    expected: anybody,
    path: () => '/direct-conversations',
    body: () => ({ userId: frank }),
  },
  'GET /conversations/:id/members': {
    expected: members,
    path: (target) => `/conversations/${target.conversation}/members`,
  },
  'PATCH /conversations/:id/members/:userId': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/members/${service.ids.dave}`,
    body: () => ({ role: 'member' }),
  },
  'DELETE /conversations/:id/members/:userId': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/members/${service.ids.dave}`,
  },
  'POST /conversations/:id/leave': {
    expected: { ...members, owner: 'last-owner' },
    path: (target) => `/conversations/${target.conversation}/leave`,
  },
  'POST /conversations/:id/owner': {
    expected: owners,
    path: (target) => `/conversations/${target.conversation}/owner`,
    body: () => ({ userId: service.ids.carol }),
  },
  'PATCH /conversations/:id/me': {
    expected: members,
    path: (target) => `/conversations/${target.conversation}/me`,
    body: () => ({ muted: true }),
  },
  'POST /conversations/:id/invitations': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/invitations`,
    body: () => ({ userId: frank }),
  },
  'GET /conversations/:id/invitations': {
    expected: members,
    path: (target) => `/conversations/${target.conversation}/invitations`,
  },
  'GET /invitations': { expected: anybody, path: () => '/invitations' },
  'POST /invitations/:id/accept': { expected: nobody, path: (target) => `/invitations/${target.invitation}/accept` },
  'POST /invitations/:id/decline': { expected: nobody, path: (target) => `/invitations/${target.invitation}/decline` },
  'DELETE /invitations/:id': { expected: admins, path: (target) => `/invitations/${target.invitation}` },
  'GET /users': { expected: anybody, path: () => '/users?query=frank' },
  'GET /me': { expected: anybody, path: () => '/me' },
  'PATCH /me': { expected: anybody, path: () => '/me', body: () => ({ avatarUrl: null }) },
  'GET /internal/conversations/:id/access': {
    expected: machines,
    path: (target) => `/internal/conversations/${target.conversation}/access?userId=${service.ids.ann}`,
  },
  'GET /internal/users/:id/conversations': {
    expected: machines,
    path: () => `/internal/users/${service.ids.ann}/conversations`,
  },
  'POST /internal/memberships': {
    expected: machines,
    path: () => '/internal/memberships',
    body: () => ({ userIds: [service.ids.ann] }),
  },
  'PUT /internal/users/:id': {
    expected: machines,
    path: () => `/internal/users/${frank}`,
    body: () => ({ name: 'Frank', email: null, emailVerified: false, avatarUrl: null }),
  },
};

/** Whoever has a link may use it; who is banned may not. */
const linkHolders: Expected = { ...anybody, banned: 'banned' };
Object.assign(policies, {
  'GET /conversations/:id/bans': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/bans`,
  },
  'POST /conversations/:id/bans/:userId': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/bans/${service.ids.dave}`,
  },
  'DELETE /conversations/:id/bans/:userId': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/bans/${gina}`,
  },
  'GET /conversations/:id/audit': {
    expected: owners,
    path: (target) => `/conversations/${target.conversation}/audit`,
  },
  'POST /conversations/:id/join-requests': {
    expected: { ...linkHolders, owner: 'conflict', admin: 'conflict', member: 'conflict', viewer: 'conflict' },
    path: (target) => `/conversations/${target.conversation}/join-requests`,
  },
  'GET /conversations/:id/join-requests': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/join-requests`,
  },
  'DELETE /conversations/:id/join-requests': {
    expected: nobody,
    path: (target) => `/conversations/${target.conversation}/join-requests`,
  },
  'POST /conversations/:id/join-requests/:userId/accept': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/join-requests/${frank}/accept`,
  },
  'POST /conversations/:id/join-requests/:userId/decline': {
    expected: admins,
    path: (target) => `/conversations/${target.conversation}/join-requests/${frank}/decline`,
  },
  'GET /invitations/token/:token': {
    expected: linkHolders,
    path: (target) => `/invitations/token/${target.token}`,
  },
  'POST /invitations/token/:token/accept': {
    expected: linkHolders,
    path: (target) => `/invitations/token/${target.token}/accept`,
  },
  'DELETE /conversations/:id': { expected: owners, path: (target) => `/conversations/${target.conversation}` },
  'POST /conversations/:id/restore': {
    expected: owners,
    path: (target) => `/conversations/${target.conversation}/restore`,
  },
  'GET /me/export': { expected: anybody, path: () => '/me/export' },
  'PUT /me/avatar': {
    // Nobody sends a picture here: that they are asked for one is as far as it goes.
    expected: { ...Object.fromEntries(actors.map((actor) => [actor, 'media-type'])), ...noPerson } as Expected,
    path: () => '/me/avatar',
    body: () => ({}),
  },
  'PUT /conversations/:id/avatar': {
    // Nobody sends a picture here either; who may not is told so before.
    expected: { ...admins, owner: 'media-type', admin: 'media-type' },
    path: (target) => `/conversations/${target.conversation}/avatar`,
    body: () => ({}),
  },
  'GET /conversations/:id/avatar': {
    expected: members,
    path: (target) => `/conversations/${target.conversation}/avatar`,
  },
  'GET /users/:id/avatar': { expected: anybody, path: () => `/users/${frank}/avatar` },
  'DELETE /me': {
    // In each other conversation of ours they would leave; here it is refused, for they own one with others.
    expected: { ...Object.fromEntries(actors.map((actor) => [actor, 'last-owner'])), ...noPerson } as Expected,
    path: () => '/me',
  },
  'GET /me/blocks': { expected: anybody, path: () => '/me/blocks' },
  'PUT /me/blocks/:userId': { expected: anybody, path: () => `/me/blocks/${frank}` },
  'DELETE /me/blocks/:userId': { expected: anybody, path: () => `/me/blocks/${frank}` },
} satisfies Record<string, Policy>);

const openRoutes = /^\/(health|metrics|swagger)/;
const routes = () =>
  service.app.routes
    .filter((route) => !openRoutes.test(route.path))
    .map((route) => ({ method: route.method, pattern: route.path, name: `${route.method} ${route.path}` }));

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

const callerOf = (actor: Actor, name: string): Call => {
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
      return name.startsWith('PUT') ? service.bff : service.messages;
    case 'anonymous':
      return service.callWith(undefined);
    default:
      return actor satisfies never;
  }
};

describe('the authorization matrix', () => {
  it('has a policy for every route, and a route for every policy', () => {
    expect(
      routes()
        .map((route) => route.name)
        .sort(),
    ).toEqual(Object.keys(policies).sort());
  });

  describe.each(Object.entries(policies))('%s', (name, { expected, path, body }) => {
    it.each(actors)('as %s', async (actor) => {
      const [method = ''] = name.split(' ');
      const changes = method !== 'GET' && expected[actor] === 'ok';
      const target = await (changes ? prepareWith(pastOf(actor)) : untouched(pastOf(actor)));
      const call = callerOf(actor, name);
      const { status, body: answer } = await call(method, path(target), body?.());
      const outcome = status < 300 ? 'ok' : answer.code;
      expect(outcome).toBe(expected[actor]);
    });
  });
});

describe('a stranger', () => {
  it('gets for every hidden thing, to the byte but the request id, what a missing one gets', async () => {
    const target = await prepare();
    const missing = { conversation: crypto.randomUUID(), invitation: crypto.randomUUID(), token: newInvitationToken() };
    const hiding = Object.entries(policies).filter(([, policy]) => policy.expected.stranger === 'not-found');
    expect(hiding.length).toBeGreaterThan(10);
    for (const [name, { path, body }] of hiding) {
      const [method = ''] = name.split(' ');
      const ask = async (of: Target) => {
        const answer = await service.as.eve(method, path(of), body?.());
        return { ...answer.body, requestId: '', status: answer.status };
      };
      expect([name, await ask(target)]).toEqual([name, await ask(missing)]);
    }
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
