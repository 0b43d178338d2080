import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rogueAnswer, rogueClient, rogueProof } from '../../testing/rogue-client.ts';
import { type RogueIssuer, startRogueIssuer } from '../../testing/rogue-issuer.ts';
import { LoginRefusedError, NotSignedInThereError, RefreshRefusedError } from './issuer-errors.ts';
import type { IssuerSettings } from './issuer-settings.ts';

let rogue: RogueIssuer;
beforeAll(async () => {
  rogue = await startRogueIssuer();
});
afterAll(() => rogue.stop());
beforeEach(() => {
  rogue.asked.length = 0;
  rogue.say({});
  rogue.describe({});
});

const client = (more: Partial<IssuerSettings> = {}) => rogueClient(rogue, more);
const proof = rogueProof;
const answer = (more: Record<string, string> = {}) => rogueAnswer(rogue, more);
const other = () => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);

describe('redeem', () => {
  it('S4: takes a good ID token; the client signed for itself and proved the code its own', async () => {
    rogue.say({ id_token: await rogue.sign({ nonce: 'nonce', name: 'Ann' }) });
    const { claims, tokens } = await client().redeem(answer(), proof);
    expect(claims).toMatchObject({ sub: 'p-1', name: 'Ann' });
    expect(tokens).toMatchObject({ accessToken: 'at', refreshToken: 'rt' });
    const asked = rogue.asked.at(-1)?.form;
    expect(asked?.get('code_verifier')).toBe(proof.codeVerifier);
    expect(asked?.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(asked?.get('resource')).toBe('urn:chatapp:api');
    expect(asked?.has('client_secret')).toBe(false);
  });

  const now = () => Math.floor(Date.now() / 1000);
  /** Signed by whoever knows that secret. */
  const symmetric = async (secret: string) => {
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), hmac, false, ['sign']);
    return await rogue.sign({ nonce: 'nonce' }, { alg: 'HS256', kid: undefined }, key);
  };
  const bad: Record<string, () => Promise<string>> = {
    'none at all': async () => '',
    garbage: async () => 'a.b.c',
    'no signature': async () =>
      `${btoa(JSON.stringify({ alg: 'none' }))}.${(await rogue.sign({ nonce: 'nonce' })).split('.')[1]}.`.replaceAll(
        '=',
        '',
      ),
    'a signature by another key': async () => rogue.sign({ nonce: 'nonce' }, {}, (await other()).privateKey),
    'HS256 and the public key as the secret': async () => {
      const { keys } = (await (await fetch(`${rogue.issuer}/jwks`)).json()) as { keys: object[] };
      return await symmetric(JSON.stringify(keys[0]));
    },
    // HMAC fills a key up with zeros.
    'HS256 and an empty secret': () => symmetric('\0'),
    'an unknown key': () => rogue.sign({ nonce: 'nonce' }, { kid: 'x' }),
    'another issuer': () => rogue.sign({ nonce: 'nonce', iss: 'https://evil.example' }),
    'another audience': () => rogue.sign({ nonce: 'nonce', aud: 'someone' }),
    'two audiences and no authorized party': () => rogue.sign({ nonce: 'nonce', aud: ['bff', 'someone'] }),
    'another authorized party': () => rogue.sign({ nonce: 'nonce', aud: ['bff', 'someone'], azp: 'someone' }),
    'another nonce': () => rogue.sign({ nonce: 'other' }),
    'no nonce': () => rogue.sign({ nonce: undefined }),
    'an end in the past': () => rogue.sign({ nonce: 'nonce', exp: now() - 60 }),
    'no end': () => rogue.sign({ nonce: 'nonce', exp: undefined }),
    'no subject': () => rogue.sign({ nonce: 'nonce', sub: undefined }),
    'an instant of issue in no form': () => rogue.sign({ nonce: 'nonce', iat: 'today' }),
  };
  it.each(Object.keys(bad))('S3: refuses an ID token with %s', async (name) => {
    rogue.say({ id_token: (await bad[name]?.()) ?? '' });
    await expect(client().redeem(answer(), proof)).rejects.toBeInstanceOf(LoginRefusedError);
  });

  it('S3: refuses an ID token by HS256 with the secret of the client, also from an issuer that says it signs so', async () => {
    const clientSecretFile = join(dirname(rogue.clientKeyFile), 'secret');
    const secret = 's'.repeat(40);
    writeFileSync(clientSecretFile, secret);
    for (const algorithms of [['ES256'], ['ES256', 'HS256'], ['HS256']]) {
      rogue.describe({ id_token_signing_alg_values_supported: algorithms });
      rogue.say({ id_token: await symmetric(secret) });
      const bySecret = client({ clientKeyFile: undefined, clientSecretFile });
      await expect(bySecret.redeem(answer(), proof)).rejects.toBeInstanceOf(LoginRefusedError);
    }
    expect(rogue.asked).toHaveLength(3);
  });

  it.each([{ state: 'other' }, { iss: 'https://evil.example' }, { error: 'access_denied' }] as Record<
    string,
    string
  >[])('S2: refuses an answer with %j, and asks for no token', async (more) => {
    const before = rogue.asked.length;
    await expect(client().redeem(answer(more), proof)).rejects.toBeInstanceOf(LoginRefusedError);
    expect(rogue.asked).toHaveLength(before);
  });

  it.each(['login_required', 'interaction_required', 'consent_required', 'account_selection_required'])(
    'says of %s that a silent sign-in needs a page, of any other that it was refused',
    async (error) => {
      const silent = (more: Record<string, string>, manner: 'silent' | 'sign-in') =>
        client()
          .redeem(answer(more), proof, manner)
          .catch((reason) => reason);
      expect(await silent({ error }, 'silent')).toBeInstanceOf(NotSignedInThereError);
      expect(await silent({ error }, 'sign-in')).toMatchObject({ refusal: 'issuer' });
      expect(await silent({ error: 'access_denied' }, 'silent')).toMatchObject({ refusal: 'declined' });
    },
  );
});

describe('a step-up', () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  const stepUp = async (claims: Record<string, unknown>, stepUpAcr?: string) => {
    rogue.say({ id_token: await rogue.sign({ nonce: 'nonce', ...claims }) });
    return await client({ stepUpAcr })
      .redeem(answer(), proof, 'step-up')
      .then(
        () => 'taken',
        (error) => error.refusal,
      );
  };

  it('asks for a sign-in anew, as strong as the settings say', async () => {
    const plain = await client().authorizationUrl(proof, 'step-up');
    expect([plain.searchParams.get('max_age'), plain.searchParams.has('acr_values')]).toEqual(['0', false]);
    const strong = await client({ stepUpAcr: 'phr phrh' }).authorizationUrl(proof, 'step-up');
    expect(strong.searchParams.get('acr_values')).toBe('phr phrh');
    expect((await client().authorizationUrl(proof)).searchParams.has('max_age')).toBe(false);
  });

  it('takes only who proved who they are within five minutes', async () => {
    expect(await stepUp({ auth_time: seconds() })).toBe('taken');
    expect(await stepUp({ auth_time: seconds() - 400 })).toBe('issuer');
    expect(await stepUp({})).toBe('issuer');
  });

  it('takes only a proof as strong as the settings say', async () => {
    expect(await stepUp({ auth_time: seconds(), acr: 'phr' }, 'phr phrh')).toBe('taken');
    expect(await stepUp({ auth_time: seconds(), acr: 'pwd' }, 'phr phrh')).toBe('not-fresh');
    expect(await stepUp({ auth_time: seconds() }, 'phr')).toBe('not-fresh');
  });
});

describe('refresh', () => {
  const tokens = { accessToken: 'a', accessExpiresAt: 0, refreshAt: 0, refreshToken: 'r', idToken: 'i' };

  it('keeps what the issuer does not give anew', async () => {
    const renewed = await client().refresh('r', tokens);
    expect(renewed).toMatchObject({ accessToken: 'at', refreshToken: 'rt', idToken: 'i' });
  });

  it.each([
    [0, 800],
    [0.999, 899.9],
  ])('S15: is due between 80 and 90 %% of the life of an access token, by chance (%d)', async (random, dueSeconds) => {
    rogue.say({ expires_in: 1000 });
    const one = rogueClient(rogue, {}, { now: () => 5000, random: () => random });
    const { refreshAt, accessExpiresAt } = await one.refresh('r', tokens);
    expect([refreshAt, accessExpiresAt]).toEqual([5000 + dueSeconds * 1000, 1_005_000]);
  });

  it('takes an ID token of the same person, and none of another: their refresh token is revoked', async () => {
    rogue.describe({ revocation_endpoint: `${rogue.issuer}/token` });
    const former = { ...tokens, idToken: await rogue.sign({ sub: 'p-1' }) };
    const again = await rogue.sign({ sub: 'p-1', name: 'Ann' });
    rogue.say({ id_token: again });
    expect((await client().refresh('r', former)).idToken).toBe(again);
    expect(rogue.asked.some(({ form }) => form.has('token'))).toBe(false);
    rogue.say({ id_token: await rogue.sign({ sub: 'p-2' }), refresh_token: 'of p-2' });
    await expect(client().refresh('r', former)).rejects.toBeInstanceOf(RefreshRefusedError);
    expect(rogue.asked.at(-1)?.form.get('token')).toBe('of p-2');
  });

  it('tells a refusal from a fault', async () => {
    rogue.say({ status: 400, error: 'invalid_grant' });
    await expect(client().refresh('r', tokens)).rejects.toBeInstanceOf(RefreshRefusedError);
    rogue.say({ status: 401, error: 'invalid_client' });
    await expect(client().refresh('r', tokens)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the metadata', () => {
  it('habit: an issuer with a path may write a slash at the end of its name', async () => {
    const at = `${rogue.issuer}/realms/chat`;
    const asked = async (named: string) => {
      rogue.describe({ issuer: named });
      return await client({ issuer: at })
        .authorizationUrl(proof)
        .then(
          () => 'taken',
          (error) => error.code,
        );
    };
    expect([await asked(at), await asked(`${at}/`)]).toEqual(['taken', 'taken']);
    expect([await asked(`${at}//`), await asked(`${at}/x`), await asked(rogue.issuer)]).toEqual(
      Array(3).fill('unavailable'),
    );
  });

  it('S2: is refused from an issuer of another name, and asked for again the next time', async () => {
    const one = client();
    rogue.describe({ issuer: 'https://evil.example' });
    await expect(one.authorizationUrl(proof)).rejects.toMatchObject({ code: 'unavailable' });
    rogue.describe({});
    const url = await one.authorizationUrl(proof);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      state: 'state',
      nonce: 'nonce',
      resource: 'urn:chatapp:api',
      audience: 'urn:chatapp:api',
    });
    expect(url.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  });
});
