import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type TestIssuer, testIssuer } from './issuer.ts';

describe('testIssuer', () => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await testIssuer();
  });
  afterAll(() => issuer.stop());

  it("signs a person in and answers a token for the API, another's for another", async () => {
    const [ann, bob] = await Promise.all([issuer.personToken('ann'), issuer.personToken('bob')]);
    expect(decodeProtectedHeader(ann).typ).toBe('at+jwt');
    expect(decodeJwt(ann)).toMatchObject({ iss: issuer.issuer, aud: 'urn:chatapp:api', client_id: 'bff' });
    expect(decodeJwt(ann).sub).not.toBe(decodeJwt(bob).sub);
  });

  it('gives a machine the scopes that are its, and no other', async () => {
    const token = await issuer.machineToken('realtime', 'urn:chatapp:conversations', ['conversations:access.read']);
    expect(decodeJwt(token)).toMatchObject({ sub: 'realtime', aud: 'urn:chatapp:conversations' });
    const refused = issuer.machineToken('bot', 'urn:chatapp:conversations', ['conversations:access.read']);
    await expect(refused).rejects.toThrow();
  });
});
