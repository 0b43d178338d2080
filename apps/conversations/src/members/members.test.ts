import { describe, expect, it } from 'bun:test';
import { serviceForFile } from '../../testing/service-for-file.ts';

const service = serviceForFile();

const everybody = { bob: 'admin', carol: 'member', dave: 'viewer' } as const;
const versionOf = async (id: string) => (await service.as.ann('GET', `/conversations/${id}`)).body.version as number;

describe('GET /conversations/:id/members', () => {
  it('lists who joined first first, in pages', async () => {
    const id = await service.group(everybody);
    const whole = (await service.as.dave('GET', `/conversations/${id}/members`)).body;
    const first = (await service.as.dave('GET', `/conversations/${id}/members?limit=3`)).body;
    const rest = (await service.as.dave('GET', `/conversations/${id}/members?limit=3&cursor=${first.next}`)).body;
    expect(whole.next).toBeNull();
    expect(whole.items.map((item: { user: { name: string }; role: string }) => [item.user.name, item.role])).toEqual([
      ['Ann', 'owner'],
      ['Bob', 'admin'],
      ['Carol', 'member'],
      ['Dave', 'viewer'],
    ]);
    expect([...first.items, ...rest.items]).toEqual(whole.items);
    expect(rest.next).toBeNull();
  });
});

describe('PATCH /conversations/:id/members/:userId', () => {
  it('changes a role, raises the version and tells both roles', async () => {
    const id = await service.group(everybody);
    const version = await versionOf(id);
    const path = `/conversations/${id}/members/${service.ids.carol}`;
    const { status, body } = await service.as.bob('PATCH', path, { role: 'viewer' });
    expect([status, body.role, body.user.id]).toEqual([200, 'viewer', service.ids.carol]);
    expect(await versionOf(id)).toBe(version + 1);
    expect((await service.events(id)).at(-1)).toMatchObject({
      type: 'member.role-changed',
      version: version + 1,
      actor: service.ids.bob,
      data: { userId: service.ids.carol, role: 'viewer', previousRole: 'member', memberCount: 4, member: body },
    });
    expect((await service.as.bob('PATCH', path, { role: 'viewer' })).status).toBe(200);
    expect(await versionOf(id)).toBe(version + 1);
  });

  it.each([
    ['carol', 'dave', 'member', 'a member has no say'],
    ['bob', 'ann', 'viewer', 'nobody is above the owner'],
    ['bob', 'bob', 'viewer', 'nobody is below themselves'],
    ['dave', 'dave', 'admin', 'nobody promotes themselves'],
  ] as const)('refuses %s to make %s %s: %s', async (actor, subject, role) => {
    const id = await service.group(everybody);
    const answer = await service.as[actor]('PATCH', `/conversations/${id}/members/${service.ids[subject]}`, { role });
    expect(answer.body.code).toBe('forbidden');
  });

  const invite = (id: string, by: 'bob' | 'carol', body: object) =>
    service.as[by]('POST', `/conversations/${id}/invitations`, { expiresIn: 'never', ...body });
  const demote = (id: string, login: 'bob' | 'carol', role: string) =>
    service.as.ann('PATCH', `/conversations/${id}/members/${service.ids[login]}`, { role });
  const tokenOf = ({ body }: { body: { url: string } }) => body.url.split('/').at(-1);
  const statesOf = async (id: string) => {
    const { items } = (await service.as.ann('GET', `/conversations/${id}/invitations?limit=3`)).body;
    return items.map((item: { role: string; state: string }) => `${item.role} ${item.state}`);
  };

  it.each([
    ['bob', 'admin', 'viewer', 410],
    ['bob', 'admin', 'member', 410],
    ['bob', 'member', 'member', 200],
    ['carol', 'member', 'viewer', 410],
  ] as const)(
    'lets %s come back by their own link for %s, once made %s, with %p',
    async (login, role, lower, status) => {
      const id = await service.group(everybody);
      await service.as.ann('PATCH', `/conversations/${id}`, { membersMayInvite: true });
      const link = await invite(id, login, { link: true, role });
      expect((await demote(id, login, lower)).status).toBe(200);
      expect((await service.as[login]('POST', `/conversations/${id}/leave`)).status).toBe(204);
      const back = await service.as[login]('POST', `/invitations/token/${tokenOf(link)}/accept`);
      expect([back.status, back.body.code]).toEqual([status, status === 410 ? 'invitation-revoked' : undefined]);
    },
  );

  it('lets nobody who left take an old role back by their own link once they came in with a lower one', async () => {
    const id = await service.group(everybody);
    const link = await invite(id, 'bob', { link: true, role: 'admin' });
    const kept = await invite(id, 'bob', { link: true, role: 'viewer' });
    const leave = () => service.as.bob('POST', `/conversations/${id}/leave`);
    await leave();
    const asked = { userId: service.ids.bob, role: 'viewer' };
    const { body } = await service.as.ann('POST', `/conversations/${id}/invitations`, asked);
    expect((await service.as.bob('POST', `/invitations/${body.id}/accept`)).status).toBe(200);
    await leave();
    const accept = (one: typeof link) => service.as.bob('POST', `/invitations/token/${tokenOf(one)}/accept`);
    expect((await accept(link)).body.code).toBe('invitation-revoked');
    expect((await accept(kept)).status).toBe(200);
  });

  it('ends what a lower role could not send, of every kind, and tells it', async () => {
    const id = await service.group(everybody);
    await service.as.ann('PATCH', `/conversations/${id}`, { membersMayInvite: true });
    await invite(id, 'bob', { userId: service.ids.eve, role: 'admin' });
    await invite(id, 'bob', { email: 'friend@example.test', role: 'viewer' });
    await invite(id, 'carol', { link: true, role: 'member' });
    await demote(id, 'bob', 'member');
    expect(await statesOf(id)).toEqual(['member pending', 'viewer pending', 'admin revoked']);
    const told = (await service.events(id)).slice(-2);
    expect(told.map(({ type }) => type)).toEqual(['member.role-changed', 'invitation.revoked']);
    expect((await service.as.ann('GET', `/conversations/${id}/audit`)).body.items[0].act).toBe('invitation.revoked');
    await service.as.ann('PATCH', `/conversations/${id}`, { membersMayInvite: false });
    await demote(id, 'carol', 'viewer');
    expect(await statesOf(id)).toEqual(['member revoked', 'viewer pending', 'admin revoked']);
  });

  it('makes nobody an owner', async () => {
    const id = await service.group(everybody);
    const path = `/conversations/${id}/members/${service.ids.bob}`;
    expect((await service.as.ann('PATCH', path, { role: 'owner' })).body.code).toBe('invalid');
  });

  it('hides who is no member', async () => {
    const id = await service.group();
    const path = `/conversations/${id}/members/${service.ids.eve}`;
    expect((await service.as.ann('PATCH', path, { role: 'viewer' })).body.code).toBe('not-found');
  });
});

describe('DELETE /conversations/:id/members/:userId', () => {
  it('removes somebody lower, once', async () => {
    const id = await service.group(everybody);
    const version = await versionOf(id);
    const path = `/conversations/${id}/members/${service.ids.carol}`;
    expect((await service.as.bob('DELETE', path)).status).toBe(204);
    expect((await service.as.bob('DELETE', path)).status).toBe(204);
    expect((await service.as.carol('GET', `/conversations/${id}`)).status).toBe(404);
    expect((await service.events(id)).at(-1)).toMatchObject({
      type: 'member.removed',
      version: version + 1,
      actor: service.ids.bob,
      data: { userId: service.ids.carol, role: 'member', previousRole: 'member', memberCount: 3 },
    });
  });

  it.each([
    ['bob', 'ann'],
    ['bob', 'bob'],
    ['carol', 'dave'],
    ['dave', 'carol'],
  ] as const)('refuses %s to remove %s', async (actor, subject) => {
    const id = await service.group(everybody);
    const answer = await service.as[actor]('DELETE', `/conversations/${id}/members/${service.ids[subject]}`);
    expect(answer.body.code).toBe('forbidden');
  });

  it('hides who is gone from those who may not remove, and all from a stranger', async () => {
    const id = await service.group(everybody);
    const gone = `/conversations/${id}/members/${service.ids.eve}`;
    for (const login of ['carol', 'dave', 'eve'] as const)
      expect((await service.as[login]('DELETE', gone)).body.code).toBe('not-found');
  });

  it('leaves no invitation behind that the person could come back by', async () => {
    const id = await service.group();
    const invitations = `/conversations/${id}/invitations`;
    const forBob = { role: 'admin', expiresIn: 'never' };
    const open = (await service.as.ann('POST', invitations, { userId: service.ids.bob, ...forBob })).body.id;
    const link = await service.as.ann('POST', invitations, { link: true });
    await service.as.bob('POST', `/invitations/token/${link.body.url.split('/').at(-1)}/accept`);
    await service.as.ann('DELETE', `/conversations/${id}/members/${service.ids.bob}`);
    const back = await service.as.bob('POST', `/invitations/${open}/accept`);
    expect([back.status, back.body.code]).toEqual([410, 'invitation-used-up']);
  });

  it('ends what they sent and what is to an address that they verified since', async () => {
    const id = await service.group(everybody);
    const invitations = `/conversations/${id}/invitations`;
    await service.as.bob('POST', invitations, { userId: service.ids.eve, role: 'admin' });
    await service.as.bob('POST', invitations, { email: 'friend@example.test', role: 'admin' });
    await service.as.ann('POST', invitations, { email: 'bob@work.test', role: 'admin' });
    const profile = service.profileOf('bob');
    await service.bff('PUT', `/internal/users/${service.ids.bob}`, { ...profile, email: 'bob@work.test' });
    await service.as.ann('DELETE', `/conversations/${id}/members/${service.ids.bob}`);
    expect((await service.as.ann('GET', `${invitations}?state=pending`)).body.items).toEqual([]);
    expect((await service.events(id)).slice(-4).map(({ type }) => type)).toEqual([
      'member.removed',
      'invitation.revoked',
      'invitation.revoked',
      'invitation.revoked',
    ]);
    await service.bff('PUT', `/internal/users/${service.ids.bob}`, profile);
  });

  it('removes once when two do it at once', async () => {
    const id = await service.group(everybody);
    const path = `/conversations/${id}/members/${service.ids.carol}`;
    const answers = await Promise.all([service.as.ann('DELETE', path), service.as.bob('DELETE', path)]);
    expect(answers.map((answer) => answer.status)).toEqual([204, 204]);
    expect((await service.events(id)).filter(({ type }) => type === 'member.removed')).toHaveLength(1);
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.memberCount).toBe(3);
  });
});

describe('POST /conversations/:id/leave', () => {
  it('hobby: no decline / revoke / leave: a member leaves', async () => {
    const id = await service.group(everybody);
    expect((await service.as.carol('POST', `/conversations/${id}/leave`)).status).toBe(204);
    expect((await service.as.carol('POST', `/conversations/${id}/leave`)).status).toBe(404);
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.memberCount).toBe(3);
    expect((await service.events(id)).at(-1)).toMatchObject({
      type: 'member.left',
      actor: service.ids.carol,
      data: { userId: service.ids.carol, memberCount: 3 },
    });
  });

  it('keeps the owner until the conversation is handed over', async () => {
    const id = await service.group({ bob: 'member' });
    expect((await service.as.ann('POST', `/conversations/${id}/leave`)).body.code).toBe('last-owner');
    await service.as.ann('POST', `/conversations/${id}/owner`, { userId: service.ids.bob });
    expect((await service.as.ann('POST', `/conversations/${id}/leave`)).status).toBe(204);
  });

  it('lets the last person go, and ends the invitations that are open', async () => {
    const id = await service.group();
    const path = `/conversations/${id}/invitations`;
    const invited = await service.as.ann('POST', path, { userId: service.ids.bob });
    expect((await service.as.ann('POST', `/conversations/${id}/leave`)).status).toBe(204);
    const accepted = await service.as.bob('POST', `/invitations/${invited.body.id}/accept`);
    expect(accepted.body.code).toBe('not-found');
    expect((await service.events(id)).slice(-2).map((event) => event.type)).toEqual([
      'member.left',
      'invitation.revoked',
    ]);
  });

  it('leaves an owner whoever is first: leaving against handing over', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await service.group({ bob: 'member' });
      const [left, handed] = await Promise.all([
        service.as.bob('POST', `/conversations/${id}/leave`),
        service.as.ann('POST', `/conversations/${id}/owner`, { userId: service.ids.bob }),
      ]);
      const outcome = [left.status === 204 ? 'left' : left.body.code, handed.body.code ?? 'handed'];
      expect([
        ['left', 'invalid'],
        ['last-owner', 'handed'],
      ]).toContainEqual(outcome);
      const owners = await service.sql`SELECT user_id FROM members WHERE conversation_id = ${id} AND role = 'owner'`;
      expect(owners).toHaveLength(1);
    }
  });
});

describe('POST /conversations/:id/owner', () => {
  it('makes the heir owner and the caller admin, each told with a version of its own', async () => {
    const id = await service.group(everybody);
    const version = await versionOf(id);
    const { status, body } = await service.as.ann('POST', `/conversations/${id}/owner`, { userId: service.ids.carol });
    expect([status, body.myRole, body.version]).toEqual([200, 'admin', version + 2]);
    expect((await service.as.carol('GET', `/conversations/${id}`)).body.myRole).toBe('owner');
    const told = (await service.events(id)).slice(-2);
    expect(told.map(({ version, data }) => [version, data])).toMatchObject([
      [version + 1, { userId: service.ids.carol, role: 'owner', previousRole: 'member' }],
      [version + 2, { userId: service.ids.ann, role: 'admin', previousRole: 'owner' }],
    ]);
  });

  it('is for the owner, and for members only', async () => {
    const id = await service.group(everybody);
    const path = `/conversations/${id}/owner`;
    expect((await service.as.bob('POST', path, { userId: service.ids.bob })).body.code).toBe('forbidden');
    expect((await service.as.ann('POST', path, { userId: service.ids.eve })).body.code).toBe('invalid');
    expect((await service.as.ann('POST', path, { userId: service.ids.ann })).body.myRole).toBe('owner');
  });
});

describe('PATCH /conversations/:id/me', () => {
  it('is mine alone', async () => {
    const id = await service.group({ bob: 'viewer' });
    const update = { muted: true, notify: 'mentions', pinned: true };
    const { status, body } = await service.as.bob('PATCH', `/conversations/${id}/me`, update);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...update, myRole: 'viewer' });
    expect((await service.as.ann('GET', `/conversations/${id}`)).body).toMatchObject({ muted: false, pinned: false });
    const event = (await service.events(id)).at(-1);
    expect(event).toMatchObject({ type: 'member.settings', version: body.version });
    const noRole = { role: null, previousRole: null };
    expect(event?.data).toEqual({
      userId: service.ids.bob,
      ...noRole,
      set: { muted: true, notify: 'mentions', pinned: true },
    });
    expect((await service.as.bob('PATCH', `/conversations/${id}/me`, update)).body.version).toBe(body.version);
  });
});
