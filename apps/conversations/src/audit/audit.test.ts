import { describe, expect, it } from 'bun:test';
import { serviceForFile } from '../../testing/service-for-file.ts';

const service = serviceForFile();

describe('GET /conversations/:id/audit', () => {
  it('tells owners who did what, the latest first, in pages', async () => {
    const id = await service.group({ bob: 'admin', carol: 'member' });
    await service.as.bob('PATCH', `/conversations/${id}`, { topic: 'Tides', membersMayInvite: true });
    await service.as.ann('PATCH', `/conversations/${id}/members/${service.ids.carol}`, { role: 'viewer' });
    await service.as.ann('PATCH', `/conversations/${id}/me`, { muted: true });
    await service.as.bob('DELETE', `/conversations/${id}/members/${service.ids.carol}`);
    const { items, next } = (await service.as.ann('GET', `/conversations/${id}/audit`)).body;
    expect(next).toBeNull();
    const told = items.map((item: { act: string }) => item.act);
    expect(told).toEqual([
      'member.removed',
      'member.role-changed',
      'conversation.updated',
      'member.added',
      'invitation.accepted',
      'invitation.created',
      'member.added',
      'invitation.accepted',
      'invitation.created',
      'conversation.created',
    ]);
    expect(items[0]).toMatchObject({ actor: { name: 'Bob' }, subject: { name: 'Carol' }, details: { role: 'viewer' } });
    expect(items[1].details).toEqual({ role: 'viewer', previousRole: 'member' });
    expect(items[2]).toMatchObject({ subject: null, details: { topic: 'Tides', membersMayInvite: true } });
    const paged: unknown[] = [];
    let cursor = '';
    do {
      const page = (await service.as.ann('GET', `/conversations/${id}/audit?limit=3${cursor}`)).body;
      paged.push(...page.items);
      cursor = page.next === null ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(paged).toEqual(items);
  });

  it('is for owners', async () => {
    const id = await service.group({ bob: 'admin' });
    expect((await service.as.bob('GET', `/conversations/${id}/audit`)).body.code).toBe('forbidden');
    expect((await service.as.eve('GET', `/conversations/${id}/audit`)).status).toBe(404);
  });

  it('S48: keeps no address and no name of a person', async () => {
    const id = await service.group();
    await service.as.ann('POST', `/conversations/${id}/invitations`, { email: 'canary@example.test' });
    const rows = await service.sql`SELECT * FROM audit WHERE conversation_id = ${id}`;
    expect(JSON.stringify(rows)).not.toMatch(/canary|Ann/);
  });

  it('refuses a cursor that is not its own', async () => {
    const id = await service.group();
    for (const cursor of ['x', btoa('[0]'), btoa('["1"]'), btoa('[1,2]')]) {
      expect((await service.as.ann('GET', `/conversations/${id}/audit?cursor=${cursor}`)).status).toBe(422);
    }
  });
});
