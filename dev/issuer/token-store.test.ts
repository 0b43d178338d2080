import { Database } from 'bun:sqlite';
import { describe, expect, it } from 'bun:test';
import { createTokenStore } from './token-store.ts';

function storeAt(clock: { now: number }) {
  return createTokenStore(new Database(':memory:', { strict: true }), () => clock.now);
}

describe('token store', () => {
  it('finds what was stored, by id and by uid, for its model only', async () => {
    const store = storeAt({ now: 0 });
    await store.adapter('Session').upsert('s1', { uid: 'u1', accountId: 'p-1' }, 60);
    expect(await store.adapter('Session').find('s1')).toMatchObject({ accountId: 'p-1' });
    expect(await store.adapter('Session').findByUid('u1')).toMatchObject({ accountId: 'p-1' });
    expect(await store.adapter('RefreshToken').find('s1')).toBeUndefined();
  });

  it('lets a token be consumed once', async () => {
    const tokens = storeAt({ now: 7 }).adapter('RefreshToken');
    await tokens.upsert('t1', { grantId: 'g1' }, 60);
    await tokens.consume('t1');
    expect(await tokens.find('t1')).toMatchObject({ consumed: 7 });
    await expect(tokens.consume('t1')).rejects.toThrow('invalid_grant');
    await expect(tokens.consume('never there')).rejects.toThrow('invalid_grant');
  });

  it('revokes what its model has of a grant, not a sign-in under way', async () => {
    const store = storeAt({ now: 0 });
    const tokens = store.adapter('RefreshToken');
    await tokens.upsert('t1', { grantId: 'g1' }, 60);
    await tokens.upsert('t2', { grantId: 'g2' }, 60);
    await store.adapter('Interaction').upsert('i1', { grantId: 'g1' }, 60);
    await tokens.revokeByGrantId('g1');
    expect(await tokens.find('t1')).toBeUndefined();
    expect(await tokens.find('t2')).toBeDefined();
    expect(await store.adapter('Interaction').find('i1')).toBeDefined();
  });

  it('sweeps what has expired, not what has not', async () => {
    const clock = { now: 0 };
    const store = storeAt(clock);
    await store.adapter('RefreshToken').upsert('short', {}, 60);
    await store.adapter('RefreshToken').upsert('long', {}, 6_000);
    await store.adapter('Client').upsert('endless', {});
    clock.now = 1_000;
    expect(store.sweep()).toBe(1);
    expect(await store.adapter('RefreshToken').find('short')).toBeUndefined();
    expect(await store.adapter('RefreshToken').find('long')).toBeDefined();
    expect(await store.adapter('Client').find('endless')).toBeDefined();
  });
});
