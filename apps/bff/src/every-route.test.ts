import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { CspEvaluator } from 'csp_evaluator';
import { Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { sendBytes } from '../../../dev/testing/raw-request.ts';
import { everyRoute } from '../testing/every-route.ts';
import { type Browser, type Stand, startStand } from '../testing/harness.ts';

let stand: Stand;
let ann: Browser;
/** Of which there is one: another person's is refused, and two are nobody's. */
let ownName: string;
beforeAll(async () => {
  stand = await startStand();
  ann = await stand.signIn('ann');
  const { user } = (await (await ann.call('GET', '/bff/user')).json()) as SignedInUser;
  ownName = `Page-User: ${user.id}`;
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => stand.mirror.clear());

const routes = () => everyRoute(stand.first.bff);
/** Beside the table: what nobody registered, and the socket's handshake. */
const others = [
  '/',
  '/assets/main-1a2b3c.js',
  '/nothing.js',
  '/api/x',
  '/bff/x',
  '/realtime',
  '/realtime?ticket=x',
  '/bff/login?returnTo=/c/1',
  '/bff/callback?state=x&code=x',
  '/bff/callback?error=access_denied',
].map((path) => ({ method: 'GET', path }));
const cases = () => [...routes(), ...others];

const send = (
  { method, path }: { method: string; path: string },
  headers: Record<string, string> = {},
  at = stand.url,
) => fetch(`${at}${path}`, { method, redirect: 'manual', headers: { accept: 'text/html', ...headers } });

describe('every route', () => {
  it('is looked at', () => {
    const found = routes().map(({ method, path }) => `${method} ${path}`);
    for (const one of ['GET /health/live', 'GET /bff/logout', 'PATCH /api/messages/conversations/x', 'GET /c/1']) {
      expect(found).toContain(one);
    }
    expect(found.length).toBeGreaterThan(30);
  });

  it('S43: has one spelling: with a slash behind it there is none', async () => {
    const headers = { cookie: ann.cookie(), 'x-csrf': '1', origin: stand.url };
    for (const { method, path } of routes().filter(({ path }) => !/^\/(api|c)\//.test(path))) {
      const { status } = await send({ method, path: `${path}/` }, headers);
      expect([method, path, [404, 405].includes(status)]).toEqual([method, path, true]);
    }
  });

  it.each(['POST', 'PUT', 'DELETE'])(
    'is none for %s where nobody registered one, which no page makes one',
    async (method) => {
      const headers = { cookie: ann.cookie(), 'x-csrf': '1', origin: stand.url };
      const statusOf = async (path: string) => [path, (await send({ method, path }, headers)).status];
      for (const path of ['/bff', '/bff/nope', '/api', '/api/other/x', '/internal/nope', '/health/nope', '/assets/x'])
        expect(await statusOf(path)).toEqual([path, 404]);
      for (const path of ['/', '/c/1', '/bff/user', '/health/live']) expect(await statusOf(path)).toEqual([path, 405]);
    },
  );

  it('S7: sets no cookie but the session and its sign-in, each bound to this host, out of reach of scripts', async () => {
    const form =
      /^__Host-Http-(session-\d+|login-\d+-[\w-]{10})=[\w-]{0,43}; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=(Strict|Lax)$/;
    const bob = await stand.signIn('bob');
    const planted = `${bob.cookie()}; __Host-Http-login-1=x; other=1`;
    const lines = bob.landed.headers.getSetCookie();
    for (const route of cases()) {
      for (const headers of [{}, { cookie: planted, 'x-csrf': '1', origin: stand.url }]) {
        lines.push(...(await send(route, headers as Record<string, string>)).headers.getSetCookie());
      }
    }
    const { logoutUrl } = (await (await bob.call('GET', '/bff/user')).json()) as { logoutUrl: string };
    lines.push(...(await bob.call('GET', logoutUrl)).headers.getSetCookie());
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const [, name, sameSite] = form.exec(line) ?? [];
      expect([line, name?.split('-')[0], sameSite]).toEqual([
        line,
        expect.stringMatching(/^(session|login)$/),
        name?.startsWith('session') ? 'Strict' : 'Lax',
      ]);
      expect(line.split(';')[0]?.length).toBeLessThan(4096);
    }
  });

  it('S42: carries exactly these headers', async () => {
    const policies = new Set<string>();
    for (const route of cases()) {
      const { headers } = await send(route, { cookie: ann.cookie(), 'x-csrf': '1', origin: stand.url });
      policies.add(headers.get('content-security-policy') ?? '');
      const name = `${route.method} ${route.path}`;
      expect([name, common(headers)]).toEqual([name, expected]);
      expect([name, headers.has('server'), headers.has('x-powered-by')]).toEqual([name, false, false]);
    }
    expect([...policies].map((policy) => policy.replaceAll(/:\d+/g, ':PORT')).sort()).toMatchInlineSnapshot(`
      [
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self' ws://localhost:PORT; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types default; report-uri /bff/csp-reports; report-to csp",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
        "default-src 'none'; style-src 'sha256-qAOEyDD7ARluoZ2aK5tq0V/dIt3t5wwn4taVbL44ebQ='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      ]
    `);
    for (const policy of policies) {
      for (const part of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
        expect(policy).toContain(part);
      expect(policy).not.toContain('unsafe-');
    }
  });

  const expected = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'reporting-endpoints': 'csp="/bff/csp-reports"',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
    'strict-transport-security': null,
    'access-control-allow-origin': null,
  };
  const common = (headers: Headers) => Object.fromEntries(Object.keys(expected).map((key) => [key, headers.get(key)]));

  it('S42: asks for https for two years where it is served so, also where a service answered', async () => {
    const publicUrl = 'https://chat.example';
    const { url, bff } = await stand.another({ PUBLIC_URL: publicUrl });
    // The same session: its cookie has no port in its name where the port is the scheme's own.
    const headers = { cookie: ann.cookie().replace(/session-\d+=/, 'session='), 'x-csrf': '1', origin: publicUrl };
    const statuses = new Map<string, number>();
    for (const route of [...everyRoute(bff), ...others]) {
      const response = await send(route, headers, url);
      const name = `${route.method} ${route.path}`;
      statuses.set(name, response.status);
      const hsts = 'max-age=63072000; includeSubDomains';
      expect([name, common(response.headers)]).toEqual([name, { ...expected, 'strict-transport-security': hsts }]);
    }
    for (const name of ['GET /bff/user', 'GET /api/messages/conversations/x', 'POST /api/messages/conversations/x'])
      expect([name, statuses.get(name)]).toEqual([name, 200]);
  });

  it('S42: has a page policy in which an evaluator finds nothing that an attacker could use', async () => {
    for (const route of cases()) {
      const policy = (await send(route)).headers.get('content-security-policy') ?? '';
      const findings = new CspEvaluator(new CspParser(policy).csp).evaluate();
      const grave = findings.filter(({ severity }) => severity <= Severity.HIGH_MAYBE);
      expect([route.path, grave.map(({ description }) => description)]).toEqual([route.path, []]);
    }
    const lax = new CspEvaluator(new CspParser("script-src 'unsafe-inline' *").csp).evaluate();
    expect(lax.some(({ severity }) => severity === Severity.HIGH)).toBe(true);
  });
});

/** What a browser, or who pretends to be one, may make up; none of it is for a service. */
const poison = [
  'Authorization', 'Cookie2', 'X-User-Id', 'X-User-Name', 'X-User-Roles', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto',
  'X-Forwarded-Port', 'X-Forwarded-Prefix', 'X-Forwarded-User', 'X-Real-IP', 'Forwarded', 'X-Original-URL', 'X-Rewrite-URL',
  'X-HTTP-Method-Override', 'X-Method-Override', 'Proxy-Authorization', 'Proxy-Connection', 'Proxy', 'Keep-Alive', 'Trailer',
  'Via', 'X-CSRF', 'X-Host', 'X-Client-IP', 'CF-Connecting-IP', 'True-Client-IP', 'X-Api-Key', 'X-Debug', 'Referer', 'X-Scope',
  'X-Middleware-Subrequest', 'X-Amzn-Trace-Id', 'Http2-Settings', 'Sec-Fetch-Dest',
]; // biome-ignore format: a list to look over
const poisoned = poison.flatMap((name) => [`${name}: poison`, `${name.toUpperCase()}: poison-again`]);
const raw = (method: string, path: string, ...lines: string[]) =>
  [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(stand.url).host}`,
    `cOOkie: ${ann.cookie()}`,
    'X-CSRF: 1',
    ownName,
    `Origin: ${stand.url}`,
    ...lines,
    '',
    '',
  ].join('\r\n');

describe('a service behind the BFF', () => {
  const allowed = [
    'accept',
    'accept-encoding',
    'authorization',
    'connection',
    'host',
    'traceparent',
    'user-agent',
    'x-request-id',
  ];
  const socketOwn = ['upgrade', 'sec-websocket-version', 'sec-websocket-key', 'origin'];

  const expectClean = () => {
    for (const { path, headers } of stand.mirror.seen) {
      const usual = path.startsWith('/realtime')
        ? [...allowed, ...socketOwn]
        : [...allowed, 'content-length', 'transfer-encoding', 'idempotency-key'];
      expect([path, Object.keys(headers).filter((name) => !usual.includes(name))]).toEqual([path, []]);
      expect([path, JSON.stringify(headers)]).toEqual([path, expect.not.stringMatching(/poison|session/)]);
    }
  };

  it('S14: sees no header of the browser but a few, by whatever route, however they are written', async () => {
    for (const { method, path } of routes()) {
      // `Connection` names what ends here, and with it headers that else may pass.
      const named = 'Connection: close, Accept-Language, If-Match, X-Debug';
      await sendBytes(
        stand.url,
        raw(
          method,
          path,
          ...poisoned.filter((line) => !/^x-csrf/i.test(line)),
          named,
          'Accept-Language: poison',
          'If-Match: poison',
        ),
      );
    }
    // Six methods to each of two services.
    expect(stand.mirror.seen.filter(({ path }) => path === '/conversations/x').length).toBeGreaterThanOrEqual(12);
    for (const { headers } of stand.mirror.seen) expect(headers.authorization).toMatch(/^Bearer eyJ/);
    expectClean();
  });

  it('S14: sees none of them in the handshake of a socket either', async () => {
    const upgrade = [
      'Upgrade: websocket',
      'Connection: Upgrade, X-Debug',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const answer = await sendBytes(stand.url, raw('GET', '/realtime?ticket=t', ...poisoned, ...upgrade));
    expect(answer).toStartWith('HTTP/1.1 101');
    expect(stand.mirror.seen).toHaveLength(1);
    expect(stand.mirror.seen[0]?.headers.authorization).toBeUndefined();
    expectClean();
  });
});
