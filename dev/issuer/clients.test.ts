import { afterAll, describe, expect, it } from 'bun:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { clientIds } from '../keys.ts';
import { testIssuer } from '../testing/issuer.ts';
import { people } from './people.ts';
import { clientCredentials } from './sign-in.ts';
import { tokenRequest } from './token-request.ts';

const op = await testIssuer();
afterAll(() => op.stop());

const scopes = [
  'conversations:access.read',
  'conversations:users.read',
  'conversations:users.write',
  'messages:heads.read',
  'messages:changes.read',
  'messages:unread.read',
  'bff:sessions.read',
  'bff:sessions.write',
];

const open = new Set([
  'bff conversations:users.write',
  'conversations messages:heads.read',
  // An account that is deleted is signed out everywhere.
  'conversations bff:sessions.write',
  'messages conversations:access.read',
  'realtime conversations:access.read',
  'realtime messages:heads.read',
  'realtime messages:changes.read',
  'realtime bff:sessions.read',
]);

const audienceOf = (scope: string) => `urn:chatapp:${scope.split(':')[0]}`;
const ask = (clientId: (typeof clientIds)[number], audience: string, asked: string[]) =>
  clientCredentials({ issuer: op.issuer, clientId, keyFile: op.keyFile(clientId), audience, scopes: asked });

describe('client_credentials', () => {
  for (const clientId of clientIds) {
    it(`gives ${clientId} the scopes that are open to it and no other`, async () => {
      const keySet = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
      for (const scope of scopes) {
        const audience = audienceOf(scope);
        const asked = ask(clientId, audience, [scope]);
        if (!open.has(`${clientId} ${scope}`)) {
          await expect(asked).rejects.toThrow(/invalid_(scope|target)/);
          continue;
        }
        const { payload } = await jwtVerify(await asked, keySet, { issuer: op.issuer, audience, typ: 'at+jwt' });
        expect(payload).toMatchObject({ sub: clientId, client_id: clientId, scope });
        expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
      }
    });
  }

  it('gives several scopes of one audience at once, and none of them with one too many', async () => {
    const both = ['messages:heads.read', 'messages:changes.read'];
    expect(await ask('realtime', 'urn:chatapp:messages', both)).toBeString();
    await expect(ask('realtime', 'urn:chatapp:messages', [...both, 'messages:unread.read'])).rejects.toThrow(
      'invalid_scope',
    );
    await expect(ask('realtime', 'urn:chatapp:messages', ['openid'])).rejects.toThrow('invalid_scope');
  });

  it('opens the API to the bot as a machine, and to no other', async () => {
    const { payload } = await jwtVerify(
      await ask('bot', 'urn:chatapp:api', []),
      createRemoteJWKSet(new URL(`${op.issuer}/jwks`)),
      {
        audience: 'urn:chatapp:api',
        typ: 'at+jwt',
      },
    );
    expect(payload).toMatchObject({ sub: 'bot', client_id: 'bot' });
    expect(payload).not.toHaveProperty('scope');
    for (const clientId of clientIds.filter((id) => id !== 'bot')) {
      await expect(ask(clientId, 'urn:chatapp:api', [])).rejects.toThrow('invalid_target');
    }
  });

  it('wants a resource', async () => {
    const request = { issuer: op.issuer, clientId: 'bot', keyFile: op.keyFile('bot') };
    await expect(tokenRequest({ ...request, parameters: { grant_type: 'client_credentials' } })).rejects.toThrow(
      'invalid_target',
    );
  });

  it('takes no client for another', async () => {
    const request = {
      issuer: op.issuer,
      clientId: 'realtime',
      audience: 'urn:chatapp:messages',
      scopes: ['messages:heads.read'],
    };
    await expect(clientCredentials({ ...request, keyFile: op.keyFile('bot') })).rejects.toThrow('invalid_client');
  });

  it('gives no person the name of a client', () => {
    expect(clientIds.filter((id) => people.some((person) => person.sub === id))).toEqual([]);
  });
});
