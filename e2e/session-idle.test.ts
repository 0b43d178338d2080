import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { signIn } from '../dev/testing/person.ts';
import { callAt, ends, openAll, startTwo, type Two } from './two-relays.ts';

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
