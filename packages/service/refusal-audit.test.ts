import { describe, expect, it } from 'bun:test';
import { Elysia, t } from 'elysia';
import { eventually } from '../../dev/testing/eventually.ts';
import { machine, person } from './authenticate.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { ProblemError } from './problem.ts';
import { serviceApp } from './service-app.ts';

const written: string[] = [];
const log = createLog({ service: 'things', level: 'error', write: (line) => written.push(line) });
const auth = {
  service: 'conversations',
  apiAudience: 'urn:chatapp:api',
  verify: async (token: string) => {
    if (token !== 'good') throw new ProblemError('token-invalid');
    const principal = { id: 'person-1', clientId: 'bff', scopes: new Set<string>(), expiresAt: 0 };
    return { ...principal, kind: 'user' as const, audiences: ['urn:chatapp:api'] };
  },
} as const;
const app = serviceApp({ name: 'things', about: '', log, metrics: createMetrics('things'), checks: {} })
  .use(
    new Elysia().use(person(auth)).post(
      '/things/:id',
      ({ body }) => {
        throw new ProblemError(body.code);
      },
      {
        body: t.Object({ code: t.Union([t.Literal('forbidden'), t.Literal('not-found'), t.Literal('rate-limited')]) }),
      },
    ),
  )
  .use(new Elysia().use(machine(auth, 'conversations:access.read')).get('/internal/things', () => 'x'));

const call = (path: string, token: string, code?: string, headers: Record<string, string> = {}) =>
  app.fetch(
    new Request(`http://localhost${path}`, {
      ...(code === undefined ? {} : { method: 'POST', body: JSON.stringify({ code }) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    }),
  );
const audited = () => written.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ audit }) => audit);

describe('the refusals of a service', () => {
  it('S48: are written down with who and where, whatever is logged else, and without what the caller wrote', async () => {
    written.length = 0;
    const forged = '{"audit":"login.succeeded"}\u001b[2J';
    await call(`/things/${encodeURIComponent(`canary\r\n${forged}`)}?q=canary`, 'good', 'forbidden', {
      'x-request-id': 'request-0001',
      'user-agent': 'canary',
    });
    await call('/things/1', 'good', 'rate-limited');
    await call('/things/1', 'canary-token', 'forbidden');
    await call('/internal/things', 'good');
    await call('/things/1', 'good', 'not-found');
    expect(audited()).toMatchObject([
      {
        audit: 'access.refused',
        code: 'forbidden',
        route: 'POST /things/:id',
        by: 'person-1',
        requestId: 'request-0001',
      },
      { audit: 'rate-limited', code: 'rate-limited', route: 'POST /things/:id', by: 'person-1' },
      { audit: 'token.refused', code: 'token-invalid', route: 'POST /things/:id' },
      { audit: 'access.refused', code: 'forbidden', route: 'GET /internal/things', by: 'person-1' },
    ]);
    expect(written.join('')).not.toContain('canary');
    for (const line of written)
      expect([line.trimEnd().includes('\n'), line.trimEnd().match(/\p{Cc}/u)]).toEqual([false, null]);
    for (const { time } of audited()) expect(String(time)).toEndWith('Z');
  });

  it('S48: are one line and a count where a flood of them comes', async () => {
    await eventually(async () => {
      written.length = 0;
      await Promise.all(Array.from({ length: 200 }, () => call('/things/1', 'bad', 'forbidden')));
      return audited().length === 1;
    });
    await eventually(() => audited().length === 2);
    expect(audited()[1]).toMatchObject({ audit: 'token.refused', count: 199 });
  });
});
