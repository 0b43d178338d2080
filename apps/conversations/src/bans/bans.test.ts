import { describe, expect, it } from 'bun:test';
import type { Login } from '../../testing/service.ts';
import { serviceForFile } from '../../testing/service-for-file.ts';

const service = serviceForFile();

const pathOf = (id: string, login: Login) => `/conversations/${id}/bans/${service.ids[login]}`;
const ban = (id: string, login: Login, by: Login = 'ann') => service.as[by]('POST', pathOf(id, login));
const unban = (id: string, login: Login, by: Login = 'ann') => service.as[by]('DELETE', pathOf(id, login));
const typesOf = async (id: string) => (await service.events(id)).map((event) => event.type);

describe('POST /conversations/:id/bans/:userId', () => {
  it('takes a member out, tells it with a version, and hides the conversation from them', async () => {
    const id = await service.group({ bob: 'admin', carol: 'member' });
    const { version } = (await service.as.ann('GET', `/conversations/${id}`)).body;
    const { status, body } = await ban(id, 'carol', 'bob');
    expect([status, body.user.id, body.by.id]).toEqual([201, service.ids.carol, service.ids.bob]);
    expect((await service.as.carol('GET', `/conversations/${id}`)).status).toBe(404);
    expect((await service.events(id)).at(-1)).toMatchObject({
      type: 'member.banned',
      actor: service.ids.bob,
      version: version + 1,
      data: { userId: service.ids.carol, role: 'member', memberCount: 2 },
    });
    expect(
      (await service.messages('GET', `/internal/conversations/${id}/access?userId=${service.ids.carol}`)).status,
    ).toBe(404);
  });

  it('answers the same to a repeat', async () => {
    const id = await service.group({ bob: 'member' });
    const first = await ban(id, 'bob');
    const again = await ban(id, 'bob');
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await typesOf(id)).filter((type) => type === 'member.banned')).toHaveLength(1);
  });

  it.each([
    ['bob', 'ann', 'forbidden'],
    ['bob', 'dave', 'forbidden'],
    ['carol', 'dave', 'forbidden'],
    ['bob', 'bob', 'forbidden'],
    ['eve', 'carol', 'not-found'],
  ] as const)('lets %s not ban %s', async (by, login, code) => {
    const id = await service.group({ bob: 'admin', carol: 'member', dave: 'admin' });
    expect((await ban(id, login, by)).body.code).toBe(code);
  });

  it('keeps somebody out who was no member, silently for the members', async () => {
    const id = await service.group({ bob: 'admin' });
    const before = await typesOf(id);
    expect((await ban(id, 'eve', 'bob')).status).toBe(201);
    expect(await typesOf(id)).toEqual(before);
    const { body } = await service.as.ann('GET', `/conversations/${id}/audit`);
    expect(body.items[0]).toMatchObject({ act: 'member.banned', subject: { id: service.ids.eve } });
    expect((await service.as.ann('POST', `/conversations/${id}/bans/${crypto.randomUUID()}`)).status).toBe(404);
  });

  it('closes every road back: invitation, link, request', async () => {
    const id = await service.group({ bob: 'admin' });
    await service.as.ann('PATCH', `/conversations/${id}`, { joinable: true });
    const invitations = `/conversations/${id}/invitations`;
    const open = await service.as.ann('POST', invitations, { userId: service.ids.eve });
    const link = await service.as.ann('POST', invitations, { link: true });
    await service.as.eve('POST', `/conversations/${id}/join-requests`);
    await ban(id, 'eve');
    expect((await service.as.eve('POST', `/invitations/${open.body.id}/accept`)).body.code).toBe('invitation-revoked');
    const token = link.body.url.split('/').at(-1);
    expect((await service.as.eve('GET', `/invitations/token/${token}`)).body.code).toBe('banned');
    expect((await service.as.eve('POST', `/invitations/token/${token}/accept`)).body.code).toBe('banned');
    expect((await service.as.eve('POST', `/conversations/${id}/join-requests`)).body.code).toBe('banned');
    expect((await service.as.ann('GET', `/conversations/${id}/join-requests`)).body.items).toEqual([]);
    expect((await service.as.ann('POST', invitations, { userId: service.ids.eve })).body.code).toBe('conflict');
    const [row] = await service.sql`SELECT uses, state FROM invitations WHERE id = ${link.body.id}`;
    expect({ ...row }).toEqual({ uses: 0, state: 'pending' });
  });

  it('ends the links that the banned made', async () => {
    const id = await service.group({ bob: 'admin' });
    const link = await service.as.bob('POST', `/conversations/${id}/invitations`, { link: true });
    await ban(id, 'bob');
    const token = link.body.url.split('/').at(-1);
    expect((await service.as.eve('GET', `/invitations/token/${token}`)).body.code).toBe('invitation-revoked');
    expect((await typesOf(id)).slice(-2)).toEqual(['member.banned', 'invitation.revoked']);
  });

  it('ends what the banned sent, and an invitation to their address, also for the time after the ban', async () => {
    const id = await service.group({ bob: 'admin' });
    const invitations = `/conversations/${id}/invitations`;
    await service.as.bob('POST', invitations, { userId: service.ids.carol, role: 'admin' });
    await service.as.bob('POST', invitations, { email: 'friend@example.test', role: 'admin' });
    await service.as.ann('POST', invitations, { email: 'Eve@example.test', role: 'admin' });
    for (const login of ['bob', 'eve'] as const) {
      expect((await ban(id, login)).status).toBe(201);
      expect((await unban(id, login)).status).toBe(204);
    }
    const { items } = (await service.as.ann('GET', `${invitations}?limit=3`)).body;
    expect(items.map((item: { state: string }) => item.state)).toEqual(['revoked', 'revoked', 'revoked']);
    expect((await typesOf(id)).filter((type) => type === 'invitation.revoked')).toHaveLength(3);
  });

  it('bans once when two do it at once', async () => {
    const id = await service.group({ bob: 'admin', carol: 'member' });
    const answers = await Promise.all([ban(id, 'carol'), ban(id, 'carol', 'bob')]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 201]);
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.memberCount).toBe(2);
  });
});

describe('DELETE /conversations/:id/bans/:userId', () => {
  it('lets the person be invited again, and brings nobody back', async () => {
    const id = await service.group({ bob: 'member' });
    await ban(id, 'bob');
    expect((await unban(id, 'bob')).status).toBe(204);
    expect((await unban(id, 'bob')).status).toBe(204);
    expect((await typesOf(id)).filter((type) => type === 'member.unbanned')).toHaveLength(1);
    expect((await service.events(id)).at(-1)).toMatchObject({
      type: 'member.unbanned',
      data: { userId: service.ids.bob, role: null, previousRole: null },
    });
    expect((await service.as.bob('GET', `/conversations/${id}`)).status).toBe(404);
    const invited = await service.as.ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.bob });
    expect((await service.as.bob('POST', `/invitations/${invited.body.id}/accept`)).status).toBe(200);
  });
});

describe('GET /conversations/:id/bans', () => {
  it('lists them for admins, the latest first, in pages', async () => {
    const id = await service.group({ bob: 'admin', carol: 'member' });
    for (const login of ['dave', 'eve'] as const) await ban(id, login);
    const list = async (query = '') => (await service.as.bob('GET', `/conversations/${id}/bans${query}`)).body;
    const all = (await list()).items.map((item: { user: { id: string } }) => item.user.id);
    expect(all).toEqual([service.ids.eve, service.ids.dave]);
    const first = await list('?limit=1');
    const second = await list(`?limit=1&cursor=${first.next}`);
    expect([first.items[0].user.id, second.items[0].user.id, second.next]).toEqual([...all, null]);
    expect((await service.as.carol('GET', `/conversations/${id}/bans`)).body.code).toBe('forbidden');
  });
});
