import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { rename, writeFile } from 'node:fs/promises';
import { importJWK, type JWK, jwtVerify } from 'jose';
import { type Stand, startStand } from '../../testing/harness.ts';
import { type RogueStand, rogueStand } from '../../testing/rogue-sign-in.ts';

let stand: Stand;
let rogue: RogueStand;
beforeAll(async () => {
  stand = await startStand();
  rogue = await rogueStand(stand);
}, 60_000);
afterAll(async () => {
  await stand.stop();
  await rogue.rogue.stop();
});

const newKey = async (): Promise<JWK> => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  return { ...(await crypto.subtle.exportKey('jwk', pair.privateKey)), kid: 'new', alg: 'ES256' } as JWK;
};

/** Whether an assertion was signed by the key. */
const isBy = async (assertion: string, { d: _private, key_ops: _use, ...publicHalf }: JWK): Promise<boolean> =>
  await jwtVerify(assertion, await importJWK({ ...publicHalf, key_ops: ['verify'] }, 'ES256')).then(
    () => true,
    () => false,
  );

describe('the client’s key', () => {
  it('S46: is replaced under load without a restart and without an error', async () => {
    const file = rogue.rogue.clientKeyFile;
    const [old, next] = [(await Bun.file(file).json()) as JWK, await newKey()];
    rogue.rogue.asked.length = 0;
    const statuses: number[] = [];
    const visit = async () => {
      const { status } = await fetch(`${rogue.instance.url}/bff/login`, { redirect: 'manual' });
      statuses.push(status);
    };
    const wave = () => Promise.all(Array.from({ length: 50 }, visit));
    await wave();
    const under = wave();
    await writeFile(`${file}.next`, JSON.stringify(next));
    await rename(`${file}.next`, file);
    await under;
    const replacedAt = rogue.rogue.asked.length;
    await wave();
    expect([statuses.length, [...new Set(statuses)]]).toEqual([150, [303]]);
    const assertions = rogue.rogue.asked.map(({ form }) => form.get('client_assertion') ?? '');
    expect(await Promise.all(assertions.slice(0, 50).map((one) => isBy(one, old)))).not.toContain(false);
    expect(await Promise.all(assertions.slice(replacedAt).map((one) => isBy(one, next)))).not.toContain(false);
    expect(assertions).toHaveLength(150);
  }, 20_000);
});
