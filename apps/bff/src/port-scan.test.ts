import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { eventually } from '../../../dev/testing/eventually.ts';
import { sendBytes, statusOf } from '../../../dev/testing/raw-request.ts';
import { commonPaths } from '../testing/common-paths.ts';
import { type Browser, type Stand, startStand } from '../testing/harness.ts';
import { ownRoutes } from './access/route-table.ts';

let stand: Stand;
let ann: Browser;
beforeAll(async () => {
  stand = await startStand({ env: { API_DOCS: 'off', ADDRESS_REQUESTS_PER_MINUTE: '1000000' } });
  ann = await stand.signIn('ann');
  // A sign-in tells the directory who it was.
  await eventually(() => stand.mirror.seen.length > 0);
  stand.mirror.clear();
}, 60_000);
afterAll(() => stand.stop());

/** What a stranger may get an answer from, by path, with the methods; and `/realtime`, which answers handshakes only. */
const listed = new Map<string, readonly string[]>([
  ['/', ['GET', 'HEAD']],
  ['/c/1', ['GET', 'HEAD']],
  ['/invite/x', ['GET', 'HEAD']],
  ['/assets/main-1a2b3c.js', ['GET', 'HEAD']],
  ['/health/live', ['GET', 'HEAD']],
  ['/health/ready', ['GET', 'HEAD']],
  ['/bff/login', ['GET', 'HEAD']],
  ['/bff/callback', ['GET', 'HEAD']],
  ['/bff/logout', ['GET', 'HEAD']],
  ['/bff/backchannel-logout', ['POST']],
  ['/bff/csp-reports', ['POST']],
]);
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'DEBUG'];
/** What no router sees: the server itself may call them malformed, or not implemented, or hang up (0). */
const isForeign = (method: string) => !/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method);
const isClosed = (method: string, status: number) =>
  [401, 403, 404, 405].includes(status) || (isForeign(method) && [0, 400, 501].includes(status));

/** As from outside: what stands in front of the BFF names whom it speaks for. */
const knock = async (method: string, path: string, ...headers: readonly string[]) => {
  const { host } = new URL(stand.url);
  const lines = [`Host: ${host}`, 'X-Forwarded-For: 203.0.113.9', 'Connection: close', ...headers];
  return statusOf(await sendBytes(stand.url, `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`));
};

/** Those that answered otherwise than a closed door does, as `GET /path 200`. */
const open = async (doors: readonly { method: string; path: string }[], ...headers: readonly string[]) => {
  const found: string[] = [];
  const rest = [...doors];
  const inTurn = async () => {
    for (let door = rest.pop(); door !== undefined; door = rest.pop()) {
      const status = await knock(door.method, door.path, ...headers);
      if (!isClosed(door.method, status)) found.push(`${door.method} ${door.path} ${status}`);
    }
  };
  await Promise.all(Array.from({ length: 24 }, inTurn));
  return found;
};

describe('the public port', () => {
  const unlisted = commonPaths.filter((path) => !listed.has(path));

  it('S45: answers at no common path with any method', async () => {
    expect(unlisted.length).toBeGreaterThan(300);
    const doors = methods.flatMap((method) => unlisted.map((path) => ({ method, path })));
    console.log(`${unlisted.length} paths with ${methods.length} methods`);
    expect(await open(doors)).toEqual([]);
    expect(stand.mirror.seen).toEqual([]);
  }, 120_000);

  it('S45: answers at no other spelling of a path of ours', async () => {
    const own = new Set(Object.keys(ownRoutes).map((route) => route.replace(/^\w+ /, '')));
    const paths = [...own].filter((path) => !/[:*]/.test(path));
    const spelled = paths.flatMap((path) => [
      `${path}/`,
      `${path};x`,
      `/${path}`,
      path.toUpperCase(),
      path.replace(/^\/\w/, (start) => `/%${start.charCodeAt(1).toString(16)}`),
    ]);
    const doors = spelled.flatMap((path) => ['GET', 'HEAD', 'POST', 'DELETE'].map((method) => ({ method, path })));
    expect(await open(doors, 'X-CSRF: 1', `Origin: ${stand.url}`)).toEqual([]);
  }, 60_000);

  it('S45: opens no common path to who is signed in', async () => {
    const doors = unlisted.flatMap((path) => ['GET', 'POST'].map((method) => ({ method, path })));
    expect(await open(doors, `Cookie: ${ann.cookie()}`, 'X-CSRF: 1', `Origin: ${stand.url}`)).toEqual([]);
    expect(stand.mirror.seen).toEqual([]);
  }, 60_000);

  it('S45: answers where it is listed, with the methods that are', async () => {
    for (const [path, allowed] of listed) {
      const answered: string[] = [];
      for (const method of methods) if (!isClosed(method, await knock(method, path))) answered.push(method);
      expect([path, ...answered]).toEqual([path, ...allowed]);
    }
    expect(await knock('GET', '/realtime')).toBeWithin(400, 500);
  }, 30_000);
});
