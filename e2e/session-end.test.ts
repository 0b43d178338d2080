// Runs alone: it holds the end of a session to a second.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { serviceAudience } from '@chatapp/contract/scopes';
import { clientCredentials } from '../dev/issuer/sign-in.ts';
import { keyFileOf } from '../dev/keys.ts';
import { type ChatSocket, openSocket } from '../dev/testing/chat-socket.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { type Person, signIn } from '../dev/testing/person.ts';
import { testStack } from '../dev/testing/stack.ts';

/** Two of every service. Each BFF has an address of its own; people come to the one that they share. */
const startTwo = async (env: Record<string, string> = {}) => {
  const stack = await testStack({ replicas: 2, env });
  const ports = (await Bun.file(join(stack.dataDir, 'ports.json')).json()) as Record<string, number>;
  return { stack, here: `http://localhost:${ports.bff}`, there: `http://localhost:${ports['bff-2']}` };
};
type Two = Awaited<ReturnType<typeof startTwo>>;

/** A request of a person's browser to one of the BFFs. */
const callAt = (at: string, { url, cookies }: Person, method: string, path: string): Promise<Response> =>
  fetch(`${at}${path}`, {
    method,
    redirect: 'manual',
    headers: { cookie: cookies.header(url), origin: url, 'x-csrf': '1' },
  });

/** Sockets of a person through both relays, of each so many that both nodes have some. */
const openAll = async ({ here, there }: Two, person: Person): Promise<ChatSocket[]> => {
  const opened = [here, there, here, there, here, there, here, there].map(async (at) => {
    const socket = await openSocket(person, { url: `${at.replace('http', 'ws')}/realtime`, withCookie: true });
    await eventually(async () => 'ok' in (await socket.request('resume', { conversations: [] })));
    return socket;
  });
  return await Promise.all(opened);
};

/** How each socket ended, and how long after a moment. */
const ends = (sockets: readonly ChatSocket[], at: number) =>
  Promise.all(
    sockets.map(async ({ closed }) => {
      const { code } = await closed;
      return { code, afterMs: performance.now() - at };
    }),
  );

interface WayToEnd {
  readonly how: string;
  readonly login: string;
  /** Prepares what ends the sessions that the person has so far, at the first BFF. */
  readonly ready: (two: Two, person: Person) => Promise<() => Promise<Response>>;
  readonly status: number;
}

const waysToEnd: readonly WayToEnd[] = [
  {
    how: 'signed out',
    login: 'bob',
    status: 303,
    ready: async ({ here }, person) => {
      const user = await callAt(here, person, 'GET', '/bff/user?slide=false');
      const { logoutUrl } = (await user.json()) as SignedInUser;
      return () => callAt(here, person, 'GET', logoutUrl);
    },
  },
  {
    how: 'ended from another device',
    login: 'carol',
    status: 204,
    ready: async ({ stack, here }, { login }) => {
      const elsewhere = await signIn(stack.url, login);
      return () => callAt(here, elsewhere, 'DELETE', '/bff/sessions?others=true');
    },
  },
  {
    how: 'ended by a machine',
    login: 'dave',
    status: 200,
    ready: async ({ stack, here }, { userId }) => {
      const clientId = 'conversations';
      const token = await clientCredentials({
        ...{ issuer: (await stack.run()).issuer?.url ?? '', clientId },
        keyFile: keyFileOf(join(stack.dataDir, 'keys'), clientId),
        ...{ audience: serviceAudience('bff'), scopes: ['bff:sessions.write'] },
      });
      const headers = { authorization: `Bearer ${token}` };
      return () => fetch(`${here}/internal/users/${userId}/sessions`, { method: 'DELETE', headers });
    },
  },
];

describe('a session that is ended at one of two BFFs', () => {
  let two: Two;
  // Sessions live for hours here: nothing but the word of their end closes a socket in time.
  beforeAll(async () => {
    two = await startTwo();
  }, 180_000);
  afterAll(() => two?.stack.stop());

  it.each(waysToEnd)(
    'S9, S38: closes its sockets at both within a second: $how',
    async (way) => {
      const person = await signIn(two.stack.url, way.login);
      const end = await way.ready(two, person);
      const sockets = await openAll(two, person);
      const bystander = await openSocket(await signIn(two.stack.url, 'ann'));
      // Before the request, so the lag is never taken for less than it is.
      const ended = ends(sockets, performance.now());
      expect((await end()).status).toBe(way.status);
      for (const { code, afterMs } of await ended) {
        expect(code).toBe(4501);
        expect(afterMs).toBeLessThan(1000);
      }
      const users = [two.here, two.there].map((at) => callAt(at, person, 'GET', '/bff/user'));
      expect((await Promise.all(users)).map(({ status }) => status)).toEqual([401, 401]);
      expect(bystander.isOpen).toBe(true);
      bystander.close();
    },
    30_000,
  );
});

describe('a session that nobody uses any more', () => {
  const idleSeconds = 15;
  let two: Two;
  beforeAll(async () => {
    two = await startTwo({ SESSION_IDLE_SECONDS: String(idleSeconds) });
  }, 180_000);
  afterAll(() => two?.stack.stop());

  it('S8, S38: closes its sockets at both BFFs when it ends by itself', async () => {
    const person = await signIn(two.stack.url, 'eve');
    const sockets = await openAll(two, person);
    const user = await callAt(two.there, person, 'GET', '/bff/user');
    const leftMs = Date.parse(((await user.json()) as SignedInUser).sessionExpiresAt) - Date.now();
    for (const { code, afterMs } of await ends(sockets, performance.now() + leftMs)) {
      expect(code).toBe(4501);
      // Each node looks once a second at what has ended, and asks a BFF.
      expect(afterMs).toBeWithin(-200, 6000);
    }
    const after = await callAt(two.there, person, 'GET', '/bff/user');
    expect(after.status).toBe(401);
  }, 60_000);
});
