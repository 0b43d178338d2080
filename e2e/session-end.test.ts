// Runs alone: it holds the end of a session, and of a socket whose service is killed, to seconds.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { serviceAudience } from '@chatapp/contract/scopes';
import { clientCredentials, codeFlowTokens } from '../dev/issuer/sign-in.ts';
import { keyFileOf } from '../dev/keys.ts';
import { openSocket } from '../dev/testing/chat-socket.ts';
import { type Person, signIn } from '../dev/testing/person.ts';
import { pidsOf } from '../dev/testing/stack.ts';
import { callAt, ends, openAll, startTwo, type Two } from './two-relays.ts';

interface WayToEnd {
  readonly how: string;
  readonly login: string;
  /** Prepares what ends the sessions that the person has so far: at the first BFF, or at whichever the issuer comes to. */
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
  {
    how: 'signed out at the issuer, which tells one of them',
    login: 'eve',
    status: 303,
    ready: async ({ stack }, { login, cookies }) => {
      const issuer = (await stack.run()).issuer?.url ?? '';
      const keyFile = keyFileOf(join(stack.dataDir, 'keys'), 'bff');
      // Of the session at the issuer that the person has already: the proof that it asks for.
      const { idToken } = await codeFlowTokens({
        ...{ issuer, keyFile, login, cookies },
        redirectUri: `${stack.url}/bff/callback`,
      });
      const url = `${issuer}/session/end?id_token_hint=${idToken}`;
      return () => fetch(url, { redirect: 'manual', headers: { cookie: cookies.header(url) } });
    },
  },
];

let two: Two;
// Sessions live for hours here: nothing but the word of their end closes a socket in time.
beforeAll(async () => {
  two = await startTwo();
}, 180_000);
afterAll(() => two?.stack.stop());

describe('a session that is ended at one of two BFFs', () => {
  it.each(waysToEnd)(
    'S9, S10, S38: closes its sockets at both within a second: $how',
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

describe('the realtime service behind two BFFs', () => {
  it('S37: leaves no socket half open when it is killed: both close theirs within two seconds', async () => {
    const sockets = await openAll(two, await signIn(two.stack.url, 'ann'));
    const pids = await pidsOf(two.stack, 'realtime');
    const ended = ends(sockets, performance.now());
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    for (const { code, afterMs } of await ended) {
      expect(code).toBe(1011);
      expect(afterMs).toBeLessThan(2000);
    }
  }, 30_000);
});
