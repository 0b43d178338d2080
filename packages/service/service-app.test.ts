import { describe, expect, it } from 'bun:test';
import { CreateConversation } from '@chatapp/contract/http-conversations';
import { Id } from '@chatapp/contract/ids';
import { Elysia, t } from 'elysia';
import { person } from './authenticate.ts';
import { silentLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { ProblemError } from './problem.ts';
import { serviceApp } from './service-app.ts';

const auth = {
  service: 'conversations',
  apiAudience: 'urn:chatapp:api',
  verify: async (token: string) => {
    if (token !== 'good') throw new ProblemError('token-invalid');
    const principal = { id: 'ann', clientId: 'bff', scopes: new Set<string>(), expiresAt: 0 };
    return { ...principal, kind: 'user' as const, audiences: ['urn:chatapp:api'] };
  },
} as const;

let databaseUp = true;
const app = serviceApp({
  name: 'things',
  about: 'A service for tests.',
  log: silentLog(),
  metrics: createMetrics('things'),
  checks: {
    database: async () => {
      if (!databaseUp) throw new Error('down');
    },
  },
}).use(
  new Elysia()
    .get('/boom', () => {
      throw new Error('secret detail');
    })
    .use(person(auth))
    .post('/things', ({ person, body }) => ({ by: person.id, body }), { body: CreateConversation })
    .get('/things/:id', ({ params }) => params, { params: t.Object({ id: Id }) }),
);

const call = async (path: string, init: RequestInit = {}) => {
  const headers = { authorization: 'Bearer good', 'content-type': 'application/json', ...init.headers };
  const response = await app.fetch(new Request(`http://localhost${path}`, { ...init, headers }));
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { response, text, body: isJson ? JSON.parse(text) : undefined };
};
const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  call('/things', { method: 'POST', body, headers });

describe('serviceApp', () => {
  it('S39: answers every fault as a problem with its code', async () => {
    const cases: [code: string, answer: Promise<{ response: Response; body: { code: string } }>][] = [
      ['not-found', call('/nothing')],
      ['not-found', call('/things/not-an-id')],
      ['method-not-allowed', call('/things', { method: 'PATCH' })],
      ['invalid', post('{"name":""}')],
      ['invalid', post('{"name":"a","unknown":1}')],
      ['invalid', post('{"name":"a","__proto__":{}}')],
      ['malformed', post('{"name":')],
      ['invalid', post(`${'['.repeat(1000)}${']'.repeat(1000)}`)],
      ['too-large', post(JSON.stringify({ name: 'x'.repeat(70_000) }))],
      ['media-type', post('name=a', { 'content-type': 'application/x-www-form-urlencoded' })],
      ['media-type', post('{"name":"a"}', { 'content-type': 'text/plain' })],
      ['media-type', post(Bun.gzipSync('{"name":"a"}'), { 'content-encoding': 'gzip' })],
      ['token-invalid', post('{"name":"a"}', { authorization: '' })],
      ['token-invalid', post('{"name":"a"}', { authorization: 'Bearer bad' })],
      ['internal', call('/boom')],
    ];
    for (const [code, answer] of cases) {
      const { response, body } = await answer;
      expect(body.code).toBe(code);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it('S43: has no second spelling of a path, for which no limit and no door would be meant', async () => {
    for (const path of ['/things/', '/metrics/', '/health/live/', '/health/ready/', '/swagger/', '/swagger/json/']) {
      for (const method of ['GET', 'HEAD']) {
        expect([method, path, (await call(path, { method })).response.status]).toEqual([method, path, 404]);
      }
    }
    expect((await call(`/things/${crypto.randomUUID()}/`)).response.status).toBe(404);
  });

  it('says nothing of an unexpected error or of a refused value', async () => {
    expect((await call('/boom')).text).not.toContain('secret detail');
    expect((await post('{"name":"a","canary":1}')).text).not.toMatch(/"schema"|"expected"/);
  });

  it('gives each answer a request id, the caller’s where it is a plain word', async () => {
    expect((await call('/nothing')).body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const given = await call('/nothing', { headers: { 'x-request-id': 'request-7' } });
    expect(given.body.requestId).toBe('request-7');
    expect(given.response.headers.get('x-request-id')).toBe('request-7');
    expect((await call('/nothing', { headers: { 'x-request-id': '<script>' } })).body.requestId).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  it('is ready only while its parts answer', async () => {
    expect((await call('/health/ready')).response.status).toBe(200);
    databaseUp = false;
    const down = await call('/health/ready');
    databaseUp = true;
    expect(down.response.status).toBe(503);
    expect(down.body).toEqual({ status: 'unavailable', parts: { database: 'down' } });
    expect((await call('/health/live')).response.status).toBe(200);
  });

  it('shows its API without loading anything from elsewhere', async () => {
    const page = await call('/swagger');
    expect(page.text).not.toMatch(/(?:src|href)="(?!\/swagger\/)/);
    expect(page.response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await call('/swagger/assets/swagger-ui-bundle.js')).text.length).toBeGreaterThan(100_000);
    expect((await call('/swagger/assets/..%2fpackage.json')).response.status).toBe(404);
    expect(Object.keys((await call('/swagger/json')).body.paths)).toContain('/things');
  });

  it('S45: shows nobody its API where that is off', async () => {
    const closed = serviceApp({
      ...{ name: 'closed', about: 'x', log: silentLog(), metrics: createMetrics('closed'), checks: {}, apiDocs: false },
    });
    for (const path of ['/swagger', '/swagger?x=1', '/swagger/json', '/swagger/assets/init.js', '/health/live']) {
      const { status } = await closed.fetch(new Request(`http://localhost${path}`));
      expect([path, status]).toEqual([path, path === '/health/live' ? 200 : 404]);
    }
  });

  it('counts requests by route pattern, never by path', async () => {
    const id = crypto.randomUUID();
    await call(`/things/${id}`);
    await Bun.sleep(0);
    const { text } = await call('/metrics');
    expect(text).toContain('route="/things/:id"');
    expect(text).not.toContain(id);
  });
});
