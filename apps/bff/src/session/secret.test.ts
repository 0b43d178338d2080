import { describe, expect, it } from 'bun:test';
import { newSecret, type Vault, vaultOf } from './secret.ts';

const vault = async (secret: string, purpose: 'session' | 'login' = 'session'): Promise<Vault> => {
  const found = await vaultOf(secret, purpose);
  if (found === undefined) throw new Error('no vault');
  return found;
};

describe('vaultOf', () => {
  it('opens what the same secret sealed, and has the same id', async () => {
    const secret = newSecret();
    const box = await (await vault(secret)).seal({ text: 'ü', n: 1 });
    const again = await vault(secret);
    expect(await again.open(box)).toEqual({ text: 'ü', n: 1 });
    expect(again.id).toBe((await vault(secret)).id);
    expect(again.id).toMatch(/^[\w-]{22}$/);
    expect(secret).not.toContain(again.id);
  });

  it('seals the same value differently each time', async () => {
    const one = await vault(newSecret());
    expect(await one.seal('x')).not.toBe(await one.seal('x'));
  });

  it('does not open what another secret, or the same one for another purpose, sealed, nor what was changed', async () => {
    const secret = newSecret();
    const box = await (await vault(secret)).seal('x');
    const own = await vault(secret);
    const changed = `${box.slice(0, 20)}${box[20] === 'A' ? 'B' : 'A'}${box.slice(21)}`;
    for (const [opener, sealed] of [
      [await vault(newSecret()), box],
      [await vault(secret, 'login'), box],
      [own, changed],
      [own, ''],
    ] as const) {
      const outcome = await opener.open(sealed).then(
        () => 'opened',
        () => 'refused',
      );
      expect(outcome).toBe('refused');
    }
    expect((await vault(secret, 'login')).id).not.toBe((await vault(secret)).id);
  });

  it.each(['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}/`])(
    'takes "%s" for no secret',
    async (text) => expect(await vaultOf(text, 'session')).toBeUndefined(),
  );

  it('makes 43 characters that never come again', () => {
    const secrets = Array.from({ length: 1000 }, newSecret);
    expect(new Set(secrets).size).toBe(1000);
    expect(secrets.every((secret) => /^[\w-]{43}$/.test(secret))).toBe(true);
  });
});
