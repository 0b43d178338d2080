import { describe, expect, it } from 'bun:test';
import { proxyRoutes } from '../proxy/routes.ts';
import { createPolicies, type RoutePolicy } from './route-policy.ts';
import { routeTable } from './route-table.ts';

const rows = routeTable(proxyRoutes);
const routes = rows.map(({ method, path }) => ({ method, path }));
const policies = createPolicies(rows, routes);

describe('the table of routes', () => {
  it('S16: must name every route: a new one without policy keeps the app from starting', () => {
    const added = { method: 'POST', path: '/bff/new' };
    expect(() => createPolicies(rows, [...routes, added])).toThrow('POST /bff/new has no policy');
    expect(() => createPolicies(rows, routes.slice(1))).toThrow('is no route');
  });

  it('S16: demands the most where it says nothing', () => {
    for (const [method, path] of [
      ['POST', '/bff/new'],
      ['HEAD', '/bff/user'],
      ['GET', '/bff/backchannel-logout'],
      ['GET', '/api/other/x'],
      ['PROPFIND', '/api/messages/x'],
      ['GET', '/bff'],
      ['GET', '/api'],
    ] as const) {
      expect([method, path, policies.of(method, path).opens]).toEqual([method, path, 'session']);
    }
  });

  it.each<[string, string, RoutePolicy['opens']]>([
    ['GET', '/', 'anybody'],
    ['GET', '/c/1', 'anybody'],
    ['GET', '/bffx', 'anybody'],
    ['GET', '/bff/login', 'proof'],
    ['GET', '/bff/callback/corp', 'proof'],
    ['GET', '/bff/callback/corp/x', 'session'],
    ['DELETE', '/bff/sessions/x', 'session'],
    ['DELETE', '/internal/users/x/sessions', 'machine'],
  ])('says of %s %s that it is opened by %s', (method, path, opens) => {
    expect(policies.of(method, path).opens).toBe(opens);
  });

  it('S43: looks at HEAD as at the GET whose handler answers it', () => {
    for (const row of rows.filter(({ method }) => method === 'GET')) {
      const head = policies.of('HEAD', row.path);
      expect([row.path, head.opens, head.limit]).toEqual([row.path, row.opens, row.limit]);
    }
  });

  it('S43: counts every route that no session answers for, but pages and health', () => {
    const uncounted = rows
      .filter(({ opens, limit }) => opens !== 'session' && limit === 'none')
      .map(({ path }) => path);
    expect(uncounted.filter((path) => !/^\/(health|metrics|swagger|\*)/.test(path))).toEqual([]);
  });
});
