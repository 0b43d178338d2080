import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { type TestService, testService } from '../../testing/service.ts';
import { createRead, createTransact } from '../database.ts';
import { sweepDeleted } from './erase-conversations.ts';

let service: TestService;
beforeAll(async () => {
  service = await testService();
}, 60_000);
afterEach(() => {
  service.time.offsetMs = 0;
});
afterAll(async () => {
  expect(await service.unknownEvents()).toEqual([]);
  await service.close();
});

const graceMs = 3_600_000;
const sweep = () => {
  const parts = { read: createRead(service.db), transact: createTransact(service.db, () => {}), now: service.now };
  return sweepDeleted(parts, { graceMs });
};
const remove = (id: string, by: 'ann' | 'bob' = 'ann') => service.as[by]('DELETE', `/conversations/${id}`);
const restore = (id: string, by: 'ann' | 'bob' = 'ann') => service.as[by]('POST', `/conversations/${id}/restore`);
const accessOf = async (id: string, userId: string) =>
  (await service.messages('GET', `/internal/conversations/${id}/access?userId=${userId}`)).body;
const lastEvent = async (id: string) => (await service.events(id)).at(-1);
const rowsOf = async (id: string) => {
  const counts: Record<string, number> = {};
  for (const table of ['conversations', 'members', 'invitations', 'bans', 'join_requests', 'audit']) {
    const key = table === 'conversations' ? 'id' : 'conversation_id';
    const [row] = await service.sql.unsafe(`SELECT count(*) FROM ${table} WHERE ${key} = '${id}'`);
    counts[table] = Number(row?.count);
  }
  return counts;
};

describe('DELETE /conversations/:id', () => {
  it('hides it from everybody but its owner, who only reads, and tells it once', async () => {
    const id = await service.group({ bob: 'admin' });
    expect((await remove(id, 'bob')).body.code).toBe('forbidden');
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(204);
    const events = (await service.events(id)).filter((event) => event.type === 'conversation.deleted');
    expect(events).toHaveLength(1);
    expect((await service.as.bob('GET', `/conversations/${id}`)).status).toBe(404);
    expect((await service.as.bob('GET', '/conversations')).body.items).toEqual([]);
    const { body } = await service.as.ann('GET', `/conversations/${id}`);
    expect([body.deletedAt, body.version]).toEqual([expect.any(String), events[0]?.version]);
    const listed = (await service.as.ann('GET', '/conversations?limit=100')).body.items;
    expect(listed.find((item: { id: string }) => item.id === id)).toEqual(body);
    expect(await accessOf(id, service.ids.ann)).toMatchObject({ role: 'viewer', version: body.version });
    expect(await accessOf(id, service.ids.bob)).toMatchObject({ code: 'not-found' });
  });

  it('refuses every write until it is restored', async () => {
    const id = await service.group({ bob: 'member' });
    const link = (await service.as.ann('POST', `/conversations/${id}/invitations`, { link: true })).body;
    await remove(id);
    const writes = [
      service.as.ann('PATCH', `/conversations/${id}`, { name: 'x' }),
      service.as.ann('POST', `/conversations/${id}/invitations`, { link: true }),
      service.as.ann('DELETE', `/conversations/${id}/members/${service.ids.bob}`),
      service.as.ann('POST', `/conversations/${id}/bans/${service.ids.bob}`),
      service.as.ann('PATCH', `/conversations/${id}/me`, { muted: true }),
      service.as.ann('POST', `/conversations/${id}/owner`, { userId: service.ids.bob }),
    ];
    for (const answer of await Promise.all(writes)) expect(answer.body.code).toBe('conflict');
    const token = link.url.split('/').at(-1);
    expect((await service.as.eve('POST', `/invitations/token/${token}/accept`)).status).toBe(404);
  });
});

describe('POST /conversations/:id/restore', () => {
  it('brings it back as it was, and names whom to tell', async () => {
    const id = await service.group({ bob: 'admin' });
    const invited = await service.as.ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.carol });
    await remove(id);
    expect((await restore(id, 'bob')).status).toBe(404);
    const { status, body } = await restore(id);
    expect([status, body.deletedAt, body.memberCount]).toEqual([200, null, 2]);
    expect(await lastEvent(id)).toMatchObject({
      type: 'conversation.restored',
      version: body.version,
      data: { deletedAt: null, memberIds: [service.ids.ann, service.ids.bob] },
    });
    expect((await restore(id)).body).toEqual(body);
    expect((await service.as.bob('GET', `/conversations/${id}`)).body.myRole).toBe('admin');
    expect((await service.as.carol('POST', `/invitations/${invited.body.id}/accept`)).status).toBe(200);
    expect((await restore(id, 'bob')).body.code).toBe('forbidden');
  });
});

describe('sweepDeleted', () => {
  it('erases everything after the period of grace, not before, and tells it once', async () => {
    const id = await service.group({ bob: 'admin' });
    const invitations = `/conversations/${id}/invitations`;
    await service.as.ann('POST', invitations, { email: 'x@example.test' });
    const link = await service.as.ann('POST', invitations, { link: true });
    await service.as.eve('POST', `/invitations/token/${link.body.url.split('/').at(-1)}/accept`);
    await service.as.ann('POST', `/conversations/${id}/bans/${service.ids.eve}`);
    await service.sql`INSERT INTO join_requests (conversation_id, user_id, state, created_at)
      VALUES (${id}, ${service.ids.dave}, 'pending', now())`;
    const other = await service.group({ bob: 'member' });
    await remove(id);
    await sweep();
    expect((await rowsOf(id)).conversations).toBe(1);
    service.time.offsetMs = graceMs + 1000;
    await Promise.all([sweep(), sweep()]);
    expect(await rowsOf(id)).toEqual({
      conversations: 0,
      members: 0,
      invitations: 0,
      bans: 0,
      join_requests: 0,
      audit: 0,
    });
    const erased = (await service.events(id)).filter((event) => event.type === 'conversation.erased');
    expect(erased).toHaveLength(1);
    expect(erased[0]).toMatchObject({ actor: null, conversationId: id, version: expect.any(Number) });
    expect((await service.as.ann('GET', `/conversations/${id}`)).status).toBe(404);
    expect((await restore(id)).status).toBe(404);
    expect((await rowsOf(other)).members).toBe(2);
  });

  it('leaves what is restored at the same moment whole', async () => {
    for (let round = 0; round < 5; round++) {
      service.time.offsetMs = 0;
      const id = await service.group({ bob: 'member' });
      await remove(id);
      service.time.offsetMs = graceMs + 1000;
      const [restored] = await Promise.all([restore(id), sweep()]);
      const { conversations, members } = await rowsOf(id);
      expect([restored.status, conversations, members]).toEqual(restored.status === 200 ? [200, 1, 2] : [404, 0, 0]);
    }
  });

  it('erases what the last one left', async () => {
    const id = await service.group();
    await service.as.ann('POST', `/conversations/${id}/leave`);
    service.time.offsetMs = graceMs + 1000;
    await sweep();
    expect((await rowsOf(id)).conversations).toBe(0);
    expect((await lastEvent(id))?.type).toBe('conversation.erased');
  });
});
