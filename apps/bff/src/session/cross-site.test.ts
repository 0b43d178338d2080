import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { sendBytes, statusOf } from '../../../../dev/testing/raw-request.ts';
import { everyRoute, type RouteCase } from '../../testing/every-route.ts';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';
import { createHardening } from '../web/security-headers.ts';

let stand: Stand;
let ann: Browser;
beforeAll(async () => {
  stand = await startStand();
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(() => stand.stop());

const cookieRoutes = () => everyRoute(stand.first.bff).filter(({ policy }) => policy.opens === 'session');

const attacks: Record<string, Record<string, string>> = {
  'no header': { 'x-csrf': '' },
  'no header, own origin': { 'x-csrf': '', origin: 'own', 'sec-fetch-site': 'same-origin' },
  'another value': { 'x-csrf': 'true' },
  'another site': { 'x-csrf': '1', 'sec-fetch-site': 'cross-site' },
  'another port of the host': { 'x-csrf': '1', 'sec-fetch-site': 'same-site' },
  'a foreign origin': { 'x-csrf': '1', origin: 'https://evil.example' },
  'the origin of another port': { 'x-csrf': '1', origin: 'http://localhost:1' },
  'no origin': { 'x-csrf': '1', origin: 'null' },
  'nothing that says where it is from': { 'x-csrf': '1' },
  'no page': { 'x-csrf': '1', 'sec-fetch-site': 'none' },
  'our origin as a part': { 'x-csrf': '1', origin: 'own.evil.example' },
  'a form': { 'x-csrf': '', 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
  'plain text': { 'x-csrf': '', 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' },
  'a multipart form': { 'x-csrf': '', 'content-type': 'multipart/form-data; boundary=x' },
};

const send = async (
  { method, path }: Pick<RouteCase, 'method' | 'path'>,
  headers: Record<string, string>,
  body?: string,
) => {
  const { 'x-csrf': csrf = '1', origin, ...rest } = headers;
  return await fetch(`${stand.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      cookie: ann.cookie(),
      ...(csrf === '' ? {} : { 'x-csrf': csrf }),
      ...(origin === undefined ? {} : { origin: origin.replace('own', stand.url) }),
      ...rest,
    },
    ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body }),
  });
};

describe('every route that a cookie opens', () => {
  it('is in the table', () => {
    const found = cookieRoutes().map(({ method, path }) => `${method} ${path}`);
    expect(found).toContain('POST /bff/realtime-ticket');
    expect(found).toContain('GET /bff/user');
    expect(found).toContain(`DELETE /bff/sessions/${'A'.repeat(22)}`);
    expect(found).toContain('PATCH /api/messages/conversations/x');
    expect(found.length).toBeGreaterThan(15);
  });

  it.each(Object.keys(attacks))('S16: refuses a request with %s before anything is done', async (name) => {
    stand.mirror.clear();
    for (const route of cookieRoutes()) {
      const response = await send(route, attacks[name] ?? {}, 'a=1');
      const { code } = route.method === 'HEAD' ? { code: undefined } : ((await response.json()) as { code: string });
      expect([route, response.status]).toEqual([route, 403]);
      if (code !== undefined) expect(['csrf', 'origin']).toContain(code);
    }
    expect(stand.mirror.seen).toEqual([]);
    // Still signed in: none of the routes did its work.
    expect((await ann.call('GET', '/bff/user')).status).toBe(200);
  });

  it('S16: refuses them in raw HTTP without a body too, told by a length or by nothing', async () => {
    stand.mirror.clear();
    for (const { method, path } of cookieRoutes()) {
      for (const [name, attack] of Object.entries(attacks)) {
        for (const length of method === 'POST' ? [[], ['Content-Length: 0']] : [[]]) {
          const { 'x-csrf': csrf = '1', ...rest } = attack;
          const headers = { cookie: ann.cookie(), ...(csrf === '' ? {} : { 'x-csrf': csrf }), ...rest };
          const lines = Object.entries(headers).map(([field, value]) => `${field}: ${value.replace('own', stand.url)}`);
          const head = [`${method} ${path} HTTP/1.1`, `Host: ${new URL(stand.url).host}`, 'Connection: close'];
          const answer = await sendBytes(stand.url, [...head, ...lines, ...length, '', ''].join('\r\n'));
          expect([method, path, name, statusOf(answer)]).toEqual([method, path, name, 403]);
        }
      }
    }
    expect(stand.mirror.seen).toEqual([]);
    expect((await ann.call('GET', '/bff/user')).status).toBe(200);
  }, 60_000);

  it('S12: answers 401 as a problem, never a redirect, to who is signed out or no machine', async () => {
    const ofMachines = everyRoute(stand.first.bff).filter(({ policy }) => policy.opens === 'machine');
    expect(ofMachines.length).toBeGreaterThan(1);
    for (const route of [...cookieRoutes(), ...ofMachines]) {
      for (const accept of ['text/html', 'application/json']) {
        const response = await fetch(`${stand.url}${route.path}`, {
          method: route.method,
          redirect: 'manual',
          headers: { 'x-csrf': '1', accept },
        });
        const expected = { status: 401, type: 'application/problem+json' };
        expect([route, { status: response.status, type: response.headers.get('content-type') }]).toEqual([
          route,
          expected,
        ]);
      }
    }
  });
});

describe('every route, whoever it is for', () => {
  /** Beside the table: what nobody registered, a file, and the socket's handshake. */
  const others = ['/', '/assets/main-1a2b3c.js', '/nothing.js', '/api/x', '/bff/x', '/realtime?ticket=x'].map(
    (path) => ({
      method: 'GET',
      path,
    }),
  );

  it('S20: is never opened to other origins by CORS', async () => {
    const routes = [...everyRoute(stand.first.bff), ...others];
    expect(routes.length).toBeGreaterThan(cookieRoutes().length + 15);
    for (const route of routes) {
      for (const origin of [stand.url, 'https://evil.example', 'null', 'http://localhost', '*', 'file://']) {
        const asked = await fetch(`${stand.url}${route.path}`, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': route.method,
            'access-control-request-headers': 'x-csrf',
          },
        });
        const answers = [asked, await send(route, { 'x-csrf': '', origin }), await send(route, { origin })];
        for (const response of answers) {
          const opened = [...response.headers.keys()].filter((name) => name.startsWith('access-control'));
          expect([route.method, route.path, origin, opened]).toEqual([route.method, route.path, origin, []]);
        }
      }
    }
  }, 60_000);
});

describe('every answer', () => {
  it('S42: asks for https for two years where it is served so', () => {
    const response = createHardening('https://chat.example')(new Response());
    expect(response.headers.get('strict-transport-security')).toContain('max-age=63072000');
  });
});
