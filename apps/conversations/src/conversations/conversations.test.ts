import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type TestService, testService } from '../../testing/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await testService();
});
afterAll(() => service.close());

describe('POST /conversations', () => {
  it('creates a group that the caller owns', async () => {
    const { status, body } = await service.as.ann('POST', '/conversations', { name: '  Tea \n room ', topic: '' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'group',
      name: 'Tea room',
      topic: null,
      avatarUrl: null,
      version: 1,
      memberCount: 1,
      myRole: 'owner',
      membersMayInvite: false,
      joinable: false,
      receipts: true,
      muted: false,
      notify: 'all',
      pinned: false,
      peer: null,
      archivedAt: null,
      deletedAt: null,
    });
    expect((await service.as.ann('GET', `/conversations/${body.id}`)).body).toEqual(body);
  });
});
