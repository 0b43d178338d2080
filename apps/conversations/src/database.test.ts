import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import postgres from 'postgres';
import { type TestService, testService } from '../testing/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await testService();
}, 60_000);
afterAll(() => service.close());

describe('a conversation that another session keeps locked', () => {
  it('is unavailable for a moment, and nothing to report', async () => {
    const id = await service.group();
    const other = postgres(service.database.ownerUrl, { max: 1 });
    const refused = await other.begin(async (transaction) => {
      await transaction`SELECT 1 FROM conversations.conversations WHERE id = ${id} FOR UPDATE`;
      return await service.as.ann('PATCH', `/conversations/${id}`, { name: 'Later' });
    });
    await other.end();
    expect([refused.status, refused.body]).toMatchObject([503, { code: 'unavailable', retryAfterMs: 1000 }]);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await service.as.ann('PATCH', `/conversations/${id}`, { name: 'Later' })).status).toBe(200);
  }, 30_000);
});
