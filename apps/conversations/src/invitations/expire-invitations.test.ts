import { beforeAll, describe, expect, it } from 'bun:test';
import { serviceForFile } from '../../testing/service-for-file.ts';
import { createRead, createTransact } from '../database.ts';
import { takeLease } from '../events/lease-store.ts';
import { expiryLease, sweepExpired } from './expire-invitations.ts';

const service = serviceForFile();
beforeAll(async () => {
  await takeLease(service.db, { name: expiryLease, owner: 'test', leaseMs: 60_000 });
}, 60_000);

const hourMs = 3_600_000;
const sweep = () =>
  sweepExpired({ read: createRead(service.db), transact: createTransact(service.db, () => {}), now: service.now });
const invite = async (id: string, body: object) =>
  (await service.as.ann('POST', `/conversations/${id}/invitations`, body)).body.id as string;
const stateOf = async (id: string) => (await service.sql`SELECT state FROM invitations WHERE id = ${id}`)[0]?.state;
const expiredEvents = async (id: string) =>
  (await service.events(id)).filter((event) => event.type === 'invitation.expired');

describe('sweepExpired', () => {
  it('writes down what is over, of every kind, and tells it once', async () => {
    const id = await service.group();
    const short = [
      await invite(id, { userId: service.ids.bob, expiresIn: '1h' }),
      await invite(id, { email: 'x@example.test', expiresIn: '1h' }),
      await invite(id, { link: true, expiresIn: '1h' }),
    ];
    const long = [
      await invite(id, { link: true, expiresIn: '1d' }),
      await invite(id, { link: true, expiresIn: 'never' }),
    ];
    await sweep();
    expect(await stateOf(short[0] ?? '')).toBe('pending');
    service.time.offsetMs = hourMs + 1;
    await Promise.all([sweep(), sweep()]);
    await sweep();
    expect(await Promise.all(short.map(stateOf))).toEqual(['expired', 'expired', 'expired']);
    expect(await Promise.all(long.map(stateOf))).toEqual(['pending', 'pending']);
    const told = await expiredEvents(id);
    expect(told).toHaveLength(3);
    expect(told[0]).toMatchObject({ actor: null, version: null, data: { state: 'expired' } });
  });

  it('catches up after a standstill of weeks', async () => {
    const id = await service.group();
    const old = await invite(id, { link: true, expiresIn: '7d' });
    service.time.offsetMs = 20 * 24 * hourMs;
    await sweep();
    expect(await stateOf(old)).toBe('expired');
  });

  it('misses nothing at the change of an hour', async () => {
    service.time.offsetMs = 40 * 24 * hourMs;
    const id = await service.group();
    const first = await invite(id, { link: true, expiresIn: '1h' });
    const row = await service.sql<{ at: Date }[]>`SELECT expires_at AS at FROM invitations WHERE id = ${first}`;
    const expiresAt = new Date(row[0]?.at ?? 0).getTime();
    // The sweep of the hour in which it ends runs before it ends.
    service.time.offsetMs += Math.floor(expiresAt / hourMs) * hourMs - service.now().getTime() + 1;
    await sweep();
    service.time.offsetMs += 2 * hourMs;
    await sweep();
    expect(await stateOf(first)).toBe('expired');
  });
});
