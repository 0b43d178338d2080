import { describe, expect, it } from 'bun:test';
import { serviceForFile } from '../../testing/service-for-file.ts';

const service = serviceForFile();

const block = (who: string) => service.as.bob('PUT', `/me/blocks/${who}`);
const unblock = (who: string) => service.as.bob('DELETE', `/me/blocks/${who}`);
const inviteBob = async (by: 'ann' | 'carol' = 'ann') => {
  const { body } = await service.as[by]('POST', '/conversations', { name: 'Tea' });
  return await service.as[by]('POST', `/conversations/${body.id}/invitations`, { userId: service.ids.bob });
};

describe('PUT /me/blocks/:userId', () => {
  it('lists whom I blocked, once each, and nobody else sees it', async () => {
    const first = await block(service.ids.eve);
    expect([first.status, first.body.user.name]).toEqual([200, 'Eve']);
    expect((await block(service.ids.eve)).body).toEqual(first.body);
    expect((await service.as.bob('GET', '/me/blocks')).body.items).toEqual([first.body]);
    expect((await service.as.eve('GET', '/me/blocks')).body.items).toEqual([]);
    expect((await unblock(service.ids.eve)).status).toBe(204);
    expect((await service.as.bob('GET', '/me/blocks')).body.items).toEqual([]);
    expect((await unblock(service.ids.eve)).status).toBe(204);
  });

  it('refuses myself and people that nobody knows', async () => {
    expect((await block(service.ids.bob)).body.code).toBe('conflict');
    expect((await block(crypto.randomUUID())).body.code).toBe('not-found');
  });

  it('keeps invitations away: from a person, to my address, and as a direct conversation', async () => {
    await block(service.ids.ann);
    expect((await inviteBob()).body.code).toBe('cool-down');
    const { body } = await service.as.ann('POST', '/conversations', { name: 'Tea' });
    const byMail = await service.as.ann('POST', `/conversations/${body.id}/invitations`, { email: 'Bob@Example.test' });
    expect(byMail.body.code).toBe('cool-down');
    const direct = await service.as.ann('POST', '/direct-conversations', { userId: service.ids.bob });
    expect(direct.body.code).toBe('cool-down');
    expect((await inviteBob('carol')).status).toBe(201);
    await unblock(service.ids.ann);
    expect((await inviteBob()).status).toBe(201);
  });

  it('keeps a direct conversation that was there before', async () => {
    const before = await service.as.dave('POST', '/direct-conversations', { userId: service.ids.bob });
    await block(service.ids.dave);
    const after = await service.as.dave('POST', '/direct-conversations', { userId: service.ids.bob });
    expect([after.status, after.body.id]).toEqual([200, before.body.id]);
    await unblock(service.ids.dave);
  });

  it('hides what the blocked sent before', async () => {
    const { body } = await inviteBob();
    await block(service.ids.ann);
    const shown = (await service.as.bob('GET', '/invitations?limit=100')).body.items;
    expect(shown.map((item: { id: string }) => item.id)).not.toContain(body.id);
    await unblock(service.ids.ann);
  });
});

describe('POST /invitations/:id/decline with block', () => {
  it('declines and blocks in one', async () => {
    const { body } = await inviteBob();
    expect((await service.as.bob('POST', `/invitations/${body.id}/decline`, { block: true })).status).toBe(204);
    expect((await service.as.bob('GET', '/me/blocks')).body.items[0].user.id).toBe(service.ids.ann);
    expect((await inviteBob()).body.code).toBe('cool-down');
    await unblock(service.ids.ann);
  });

  it('blocks nobody where the decline is refused', async () => {
    const { body } = await inviteBob();
    expect((await service.as.eve('POST', `/invitations/${body.id}/decline`, { block: true })).status).toBe(404);
    expect((await service.as.eve('GET', '/me/blocks')).body.items).toEqual([]);
    expect((await service.as.bob('POST', `/invitations/${body.id}/decline`, { block: 1 })).status).toBe(422);
  });
});
