import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { brotliDecompressSync } from 'node:zlib';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { freePort } from '../../../../dev/ports.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { openBrowserSocket } from '../../testing/browser-socket.ts';
import { type Stand, startStand } from '../../testing/harness.ts';
import { answersMetrics } from '../config.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 60_000);
afterAll(() => stand.stop());
const get = (path: string, init: RequestInit = {}) => fetch(`${stand.url}${path}`, { redirect: 'manual', ...init });
const script = '/assets/main-1a2b3c.js';

describe('the web client', () => {
  it('is the answer to every path of a page, and is asked for afresh', async () => {
    for (const path of ['/', '/?x=1', '/c/1', '/c/1?x=1', '/invite/abc', '/invite/', '/index.html']) {
      const response = await get(path);
      const found = [response.status, response.headers.get('content-type'), response.headers.get('cache-control')];
      expect([path, ...found]).toEqual([
        path,
        ...(path === '/index.html'
          ? [404, 'application/problem+json', 'no-store']
          : [200, 'text/html;charset=utf-8', 'no-cache']),
      ]);
    }
  });

  it('shows itself where it has no such page, with 404', async () => {
    for (const path of ['/admin', '/c/1/settings', '/invitations', '/c/']) {
      const response = await get(path);
      const found = [response.status, response.headers.get('content-type'), response.headers.get('cache-control')];
      expect([path, ...found]).toEqual([path, 404, 'text/html;charset=utf-8', 'no-store']);
      expect(await response.text()).toBe(await (await get('/')).text());
      expect((await get(path, { method: 'HEAD' })).status).toBe(404);
    }
  });

  it('has a strict policy of its own, with Trusted Types and the socket', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';
    const parts = new Map(policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]));
    expect(parts.get('default-src')).toBe("'none'");
    expect(parts.get('script-src')).toBe("'self'");
    expect(parts.get('style-src')).toBe("'self'");
    expect(parts.get('object-src')).toBe("'none'");
    expect(parts.get('base-uri')).toBe("'none'");
    expect(parts.get('frame-ancestors')).toBe("'none'");
    expect(parts.get('connect-src')).toBe(`'self' ${stand.url.replace('http', 'ws')}`);
    expect(parts.get('require-trusted-types-for')).toBe("'script'");
    expect(parts.get('trusted-types')).toBe('default');
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('keeps what has a hash in its name for ever', async () => {
    const response = await get(script);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toStartWith('text/javascript');
    const etag = response.headers.get('etag') ?? '';
    expect((await get(script, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('is packed for those who take it', async () => {
    const plain = await (await get(script, { headers: { 'accept-encoding': 'identity' } })).bytes();
    for (const [accepted, used, unpack] of [
      ['gzip, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', Bun.gunzipSync],
    ] as const) {
      const response = await get(script, {
        headers: { 'accept-encoding': accepted },
        decompress: false,
      } as RequestInit);
      expect(response.headers.get('content-encoding')).toBe(used);
      expect(response.headers.get('vary')).toBe('accept-encoding');
      const bytes = await response.bytes();
      expect(bytes.byteLength).toBeLessThan(plain.byteLength);
      expect(new Uint8Array(unpack(bytes))).toEqual(plain);
    }
  });

  it.each([
    '/nothing.js',
    '/assets/x',
    '/assets/',
    '/favicon.ico',
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/api',
    '/api/x',
    '/bff',
    '/internal/x',
    '/health',
    '/realtimes.txt',
    '/.env',
  ])('is not at %s', async (path) =>
    expect([path, (await get(path, { headers: { 'x-csrf': '1' } })).status]).toEqual([path, 404]),
  );

  it('answers HEAD like GET without a body', async () => {
    const response = await get('/c/1', { method: 'HEAD' });
    expect([response.status, response.headers.get('cache-control'), await response.text()]).toEqual([
      200,
      'no-cache',
      '',
    ]);
  });
});

describe('what is for operators', () => {
  it('shows metrics to this machine only, and not through a proxy', async () => {
    const own = await get('/metrics');
    expect(await own.text()).toContain('http_requests_total');
    for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
      expect((await get('/metrics', { headers: { [header]: '127.0.0.1' } })).status).toBe(404);
    }
  });

  it('counts what happens at this instance, each thing in its own metric', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const env = { MESSAGES_URL: `${stand.mirror.url},${dead}`, HEALTH_CHECK_MS: '60000' };
    const instance = await stand.another(env);
    /** All metrics of the BFF's own, by their names and what tells them apart. */
    const counted = async () => {
      const text = await (await fetch(`${instance.url}/metrics`)).text();
      const lines = [...text.matchAll(/^bff_(\w+)\{(?:\w+="([^"]+)",)?service="bff"\} (\d+)$/gm)];
      return Object.fromEntries(
        lines.map(([, name, label, value]) => [label ? `${name} ${label}` : name, Number(value)]),
      );
    };
    const ann = await stand.signIn('ann');
    const { logoutUrl } = (await (await ann.call('GET', '/bff/user')).json()) as SignedInUser;
    const nothing = { sockets: 0, instances_available: 4, csp_violations_total: 0 };
    expect(await counted()).toEqual(nothing);

    const headers = { origin: stand.url, cookie: ann.cookie() };
    const socket = openBrowserSocket(`${instance.url.replace('http', 'ws')}/realtime?ticket=t`, headers);
    await socket.ready;
    expect(await counted()).toEqual({ ...nothing, sockets: 1 });

    for (let round = 0; round < 2; round++) await instance.bff.watch.round();
    expect((await ann.call('GET', '/bff/user', { at: instance.url, headers: { 'x-csrf': '' } })).status).toBe(403);
    const refused = { 'refusals_total csrf': 1, 'audit_events_total access.refused': 1 };
    expect(await counted()).toEqual({ ...nothing, ...refused, sockets: 1, instances_available: 3 });

    expect((await ann.call('GET', logoutUrl, { at: instance.url })).status).toBe(303);
    await socket.ended;
    const ended = { 'sessions_ended_total logout': 1, 'audit_events_total session.ended': 1 };
    const all = { ...nothing, ...refused, ...ended, instances_available: 3 };
    await eventually(async () => Bun.deepEquals(await counted(), all));
  });

  it('S45: shows metrics to nobody in production, and where PUBLIC_URL is https, unless that is wanted', async () => {
    const said = { metrics: undefined, environment: 'development', publicUrl: 'http://localhost:3000' } as const;
    expect(answersMetrics(said)).toBe(true);
    expect(answersMetrics({ ...said, environment: 'production' })).toBe(false);
    expect(answersMetrics({ ...said, publicUrl: 'https://chat.example' })).toBe(false);
    expect(answersMetrics({ ...said, metrics: 'off' })).toBe(false);
    expect(answersMetrics({ ...said, environment: 'production', metrics: 'loopback' })).toBe(true);
    // As a proxy on this machine asks that adds no header.
    for (const [env, status] of [
      [{ METRICS: 'off' }, 404],
      [{ PUBLIC_URL: 'https://chat.example' }, 404],
      [{ PUBLIC_URL: 'https://chat.example', METRICS: 'loopback' }, 200],
    ] as const) {
      const instance = await stand.another(env);
      expect((await fetch(`${instance.url}/metrics`)).status).toBe(status);
    }
  });

  it('shows the API documentation where that is wanted', async () => {
    expect((await get('/swagger/json')).status).toBe(200);
    const off = await stand.another({ API_DOCS: 'off' });
    for (const path of ['/swagger', '/swagger/json', '/swagger/assets/init.js']) {
      expect((await fetch(`${off.url}${path}`)).status).toBe(404);
    }
  });
});

describe('a report of a broken page policy', () => {
  const policy = { documentURL: 'https://chat.example/c/1?x=canary', disposition: 'enforce', statusCode: 200 };
  /** As Chromium tells it by Reporting-Endpoints, several at once. */
  const reports = (...blocked: string[]) =>
    blocked.map((blockedURL) => ({
      ...{ age: 12, type: 'csp-violation', url: policy.documentURL, user_agent: 'Mozilla/5.0' },
      body: { ...policy, blockedURL, effectiveDirective: 'script-src-elem' },
    }));
  /** As a browser tells it by report-uri, one at a time. */
  const report = (blocked: string) => ({
    'csp-report': {
      ...{ 'document-uri': policy.documentURL, 'blocked-uri': blocked, disposition: 'enforce', 'status-code': 200 },
      'violated-directive': "style-src-attr 'self'",
    },
  });
  const send = async (type: string, body: unknown) =>
    (await get('/bff/csp-reports', { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) }))
      .status;
  const violations = async () =>
    Number(/^bff_csp_violations_total\{.*\} (\d+)$/m.exec(await (await get('/metrics')).text())?.[1]);
  const logged = () =>
    stand.first.logged
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'a page broke its content security policy');

  it('is counted in both forms, and the first of each kind is logged, without the paths that it tells', async () => {
    const evil = 'https://evil.example/x.js?canary';
    expect(await send('application/reports+json', reports(evil, evil, 'inline'))).toBe(204);
    expect(await violations()).toBe(3);
    expect(await send('application/csp-report', report('inline'))).toBe(204);
    expect(await send('application/csp-report; charset=utf-8', report('inline'))).toBe(204);
    expect(await violations()).toBe(5);
    expect(logged().map(({ directive, blocked }) => `${directive} ${blocked}`)).toEqual([
      'script-src-elem https://evil.example',
      'script-src-elem inline',
      'style-src-attr inline',
    ]);
    expect(stand.first.logged.filter((line) => line.includes('canary'))).toEqual([]);
  });

  it('counts for so many at most, and for none where it is none', async () => {
    const before = await violations();
    expect(await send('application/reports+json', reports(...Array(30).fill('inline')))).toBe(204);
    expect(await violations()).toBe(before + 20);
    expect(await send('application/json', report('inline'))).toBe(415);
    expect(await send('text/plain', report('inline'))).toBe(415);
    const broken = { method: 'POST', headers: { 'content-type': 'application/csp-report' }, body: '{' };
    expect((await get('/bff/csp-reports', broken)).status).toBe(400);
    expect(await violations()).toBe(before + 20);
  });
});
