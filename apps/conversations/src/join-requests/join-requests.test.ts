import { describe, expect, it } from 'bun:test';
import type { Login, TestService } from '../../testing/service.ts';
import { serviceForFile } from '../../testing/service-for-file.ts';

const service = serviceForFile();

const pathOf = (id: string) => `/conversations/${id}/join-requests`;
const ask = (id: string, login: Login = 'eve') => service.as[login]('POST', pathOf(id));
const answer = (id: string, word: 'accept' | 'decline', by: Login = 'ann', login: Login = 'eve') =>
  service.as[by]('POST', `${pathOf(id)}/${service.ids[login]}/${word}`);
const joinable = async (roles: Parameters<TestService['group']>[0] = {}) => {
  const id = await service.group(roles);
  await service.as.ann('PATCH', `/conversations/${id}`, { joinable: true });
  return id;
};

describe('POST /conversations/:id/join-requests', () => {
  it('asks once, and tells those who may answer', async () => {
    const id = await joinable({ bob: 'admin' });
    const first = await ask(id);
    expect([first.status, first.body.user.id]).toEqual([201, service.ids.eve]);
    expect((await ask(id)).body).toEqual(first.body);
    expect((await service.events(id)).at(-1)).toMatchObject({
      type: 'member.requested',
      actor: service.ids.eve,
      data: { request: first.body },
    });
    expect((await service.as.bob('GET', pathOf(id))).body).toEqual({ items: [first.body], next: null });
  });

  it('is not there where the conversation does not let people ask', async () => {
    const closed = await ask(await service.group());
    const missing = await ask(crypto.randomUUID());
    const plain = ({ body }: typeof closed) => ({ ...body, requestId: '' });
    expect([closed.status, plain(closed)]).toEqual([404, plain(missing)]);
  });

  it('is not for members, and not for an archived conversation', async () => {
    const id = await joinable({ bob: 'member' });
    expect((await ask(id, 'bob')).body.code).toBe('conflict');
    await service.as.ann('PATCH', `/conversations/${id}`, { archived: true });
    expect((await ask(id)).body.code).toBe('conflict');
  });
});

describe('accepting', () => {
  it('makes a member, and ends the request', async () => {
    const id = await joinable({ bob: 'admin', carol: 'member' });
    await ask(id);
    expect((await answer(id, 'accept', 'carol')).body.code).toBe('forbidden');
    const { status, body } = await answer(id, 'accept', 'bob');
    expect([status, body.conversation.memberCount]).toEqual([200, 4]);
    expect((await service.as.eve('GET', `/conversations/${id}`)).body.myRole).toBe('member');
    expect((await service.events(id)).at(-1)).toMatchObject({ type: 'member.added', actor: service.ids.bob });
    expect((await answer(id, 'accept', 'bob')).status).toBe(404);
    expect((await service.as.bob('GET', pathOf(id))).body.items).toEqual([]);
  });

  it('accepts what else invites the person, in their name', async () => {
    const id = await joinable({ bob: 'admin' });
    const invitations = `/conversations/${id}/invitations`;
    const byId = (await service.as.ann('POST', invitations, { userId: service.ids.eve, role: 'admin' })).body;
    const byMail = (await service.as.ann('POST', invitations, { email: 'Eve@example.test' })).body;
    const other = (await service.as.ann('POST', invitations, { userId: service.ids.carol })).body;
    await ask(id);
    expect((await answer(id, 'accept', 'bob')).body.conversation).toMatchObject({ memberCount: 3, myRole: 'admin' });
    expect((await service.as.eve('GET', `/conversations/${id}`)).body.myRole).toBe('member');
    const told = (await service.events(id)).slice(-3);
    expect(told).toMatchObject([
      { type: 'invitation.accepted', actor: service.ids.eve, data: { id: byId.id, state: 'accepted', uses: 1 } },
      { type: 'invitation.accepted', data: { id: byMail.id, conversation: { memberCount: 3 } } },
      { type: 'member.added', actor: service.ids.bob },
    ]);
    const left = (await service.as.ann('GET', `${invitations}?state=pending`)).body.items;
    expect(left.map((item: { id: string }) => item.id)).toEqual([other.id]);
  });

  it('lets one of two that answer at once', async () => {
    const id = await joinable({ bob: 'admin' });
    await ask(id);
    const answers = await Promise.all([answer(id, 'accept'), answer(id, 'decline', 'bob')]);
    expect(answers.map(({ status }) => status).sort()).toContain(404);
    const isMember = (await service.as.eve('GET', `/conversations/${id}`)).status === 200;
    expect(isMember).toBe(answers[0].status === 200);
  });

  it('ends with an invitation that is accepted', async () => {
    const id = await joinable();
    await ask(id);
    const invited = await service.as.ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.eve });
    await service.as.eve('POST', `/invitations/${invited.body.id}/accept`);
    expect((await service.as.ann('GET', pathOf(id))).body.items).toEqual([]);
  });
});

describe('declining', () => {
  it('makes the person wait', async () => {
    const id = await joinable();
    await ask(id);
    expect((await answer(id, 'decline')).status).toBe(204);
    const refused = await ask(id);
    expect([refused.status, refused.body.code]).toEqual([429, 'cool-down']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(86_000);
    service.time.offsetMs = 86_400_001;
    expect((await ask(id)).status).toBe(201);
  });
});

describe('DELETE /conversations/:id/join-requests', () => {
  it('takes my request back', async () => {
    const id = await joinable();
    await ask(id);
    expect((await service.as.eve('DELETE', pathOf(id))).status).toBe(204);
    expect((await service.as.eve('DELETE', pathOf(id))).status).toBe(404);
    expect((await ask(id)).status).toBe(201);
  });
});
