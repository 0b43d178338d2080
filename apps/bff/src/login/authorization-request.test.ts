import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { rogueClient, rogueProof } from '../../testing/rogue-client.ts';
import { type RogueIssuer, startRogueIssuer } from '../../testing/rogue-issuer.ts';

let rogue: RogueIssuer;
beforeAll(async () => {
  rogue = await startRogueIssuer();
});
afterAll(() => rogue.stop());
beforeEach(() => {
  rogue.asked.length = 0;
  rogue.refusePushed();
});

const offer = (more: Record<string, unknown> = {}) =>
  rogue.describe({ pushed_authorization_request_endpoint: `${rogue.issuer}/par`, ...more });
const refusals = [
  { status: 400, error: 'invalid_request' },
  { status: 401, error: 'invalid_client' },
  { status: 405, error: 'unsupported' },
];

describe('the parameters of a sign-in', () => {
  it('S4: are pushed where the issuer takes them, by a client that signs, and the browser carries a reference', async () => {
    offer();
    const url = await rogueClient(rogue).authorizationUrl(rogueProof);
    expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: 'bff', request_uri: 'urn:x' });
    const [pushed, ...more] = rogue.asked;
    expect(more).toEqual([]);
    expect(pushed?.path).toBe('/par');
    expect(Object.fromEntries(pushed?.form ?? [])).toMatchObject({
      state: 'state',
      nonce: 'nonce',
      response_type: 'code',
    });
    expect(pushed?.form.has('client_assertion')).toBe(true);
  });

  it('go with the browser where the issuer offers to take them and refuses', async () => {
    offer();
    for (const refusal of refusals) {
      rogue.refusePushed(refusal);
      rogue.asked.length = 0;
      const url = await rogueClient(rogue).authorizationUrl(rogueProof);
      expect(`${url.origin}${url.pathname}`).toBe(`${rogue.issuer}/auth`);
      expect(url.searchParams.has('request_uri')).toBe(false);
      const told = { state: 'state', nonce: 'nonce', code_challenge_method: 'S256', response_type: 'code' };
      expect(Object.fromEntries(url.searchParams)).toMatchObject({ ...told, client_id: 'bff' });
      // Neither a proof of the client nor the verifier is for a browser.
      expect([...url.searchParams.keys()].filter((name) => /assertion|secret|verifier/.test(name))).toEqual([]);
      expect(rogue.asked.map(({ path }) => path)).toEqual(['/par']);
    }
  });

  it('go nowhere where the issuer demands that they are pushed and refuses: that is a 503', async () => {
    offer({ require_pushed_authorization_requests: true });
    for (const refusal of refusals) {
      rogue.refusePushed(refusal);
      const answer = rogueClient(rogue).authorizationUrl(rogueProof);
      await expect(answer).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    }
    rogue.refusePushed();
    expect((await rogueClient(rogue).authorizationUrl(rogueProof)).searchParams.get('request_uri')).toBe('urn:x');
  });

  it('go nowhere where the issuer does not answer when they are pushed', async () => {
    offer({ pushed_authorization_request_endpoint: 'http://localhost:1/par' });
    const answer = rogueClient(rogue).authorizationUrl(rogueProof);
    await expect(answer).rejects.toMatchObject({ code: 'unavailable', status: 503 });
  });
});
