import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rogueAnswer, rogueClient, rogueProof } from '../../testing/rogue-client.ts';
import { type RogueIssuer, startRogueIssuer } from '../../testing/rogue-issuer.ts';
import type { IssuerSettings } from './issuer-settings.ts';

let rogue: RogueIssuer;
let clientSecretFile: string;
beforeAll(async () => {
  rogue = await startRogueIssuer();
  clientSecretFile = join(dirname(rogue.clientKeyFile), 'secret');
});
afterAll(() => rogue.stop());
beforeEach(() => {
  rogue.asked.length = 0;
});

/** One whose bytes a form and a header must not mistake for their own. */
const secret = `${'s'.repeat(30)}:+/ %é=&`;
const bySecret = (more: Partial<IssuerSettings> = {}) =>
  rogueClient(rogue, { clientKeyFile: undefined, clientSecretFile, ...more });
/** What of the last request to /token or /par proves the client. */
const proofs = () => {
  const { form, headers } = rogue.asked.at(-1) ?? { form: new URLSearchParams(), headers: new Headers() };
  const basic = headers.get('authorization');
  return {
    // RFC 6749 §2.3.1: both are encoded as in a form before they are joined.
    basic:
      basic === null
        ? null
        : atob(basic.replace('Basic ', ''))
            .split(':')
            .map((part) => new URLSearchParams(`x=${part}`).get('x')),
    posted: form.get('client_secret'),
    signed: form.has('client_assertion'),
  };
};
const redeem = async (client = bySecret()) => {
  rogue.say({ id_token: await rogue.sign({ nonce: rogueProof.nonce }) });
  return await client.redeem(rogueAnswer(rogue), rogueProof);
};

describe('the client', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['says nothing of it', undefined],
    ['takes Basic', ['private_key_jwt', 'client_secret_basic']],
    ['takes both', ['client_secret_post', 'client_secret_basic']],
    ['takes neither that we know', ['client_secret_jwt']],
  ])('proves itself by its secret as Basic to an issuer that %s', async (_name, methods) => {
    writeFileSync(clientSecretFile, secret);
    rogue.describe({ token_endpoint_auth_methods_supported: methods });
    expect((await redeem()).claims.sub).toBe('p-1');
    expect(proofs()).toEqual({ basic: ['bff', secret], posted: null, signed: false });
  });

  it('posts its secret to an issuer that takes no Basic', async () => {
    writeFileSync(clientSecretFile, secret);
    rogue.describe({ token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'] });
    expect((await redeem()).claims.sub).toBe('p-1');
    expect(proofs()).toEqual({ basic: null, posted: secret, signed: false });
  });

  it('does so wherever it asks: for a reference, for tokens, and for new ones', async () => {
    writeFileSync(clientSecretFile, secret);
    rogue.describe({ pushed_authorization_request_endpoint: `${rogue.issuer}/par` });
    const client = bySecret();
    const { tokens } = await redeem(client);
    await client.refresh('rt', tokens);
    expect(proofs().basic).toEqual(['bff', secret]);
    const url = await client.authorizationUrl(rogueProof);
    expect(rogue.asked.at(-1)?.path).toBe('/par');
    expect(proofs().basic).toEqual(['bff', secret]);
    expect(url.href).not.toContain('sss');
  });

  it('S46: takes another secret from its file without a restart', async () => {
    rogue.describe({});
    const client = bySecret();
    for (const next of ['first'.repeat(8), 'second'.repeat(8)]) {
      writeFileSync(clientSecretFile, `${next}\n`);
      await redeem(client);
      expect(proofs().basic).toEqual(['bff', next]);
    }
  });

  it('signs where it has a key, whatever secret lies beside it', async () => {
    await redeem(bySecret({ clientKeyFile: rogue.clientKeyFile }));
    expect(proofs()).toEqual({ basic: null, posted: null, signed: true });
  });
});
