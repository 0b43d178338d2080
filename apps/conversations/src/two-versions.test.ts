import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { type TestService, testService } from '../testing/service.ts';
import { createRead, createTransact } from './database.ts';
import { takeLease } from './events/lease-store.ts';
import { expiryLease, sweepExpired } from './invitations/expire-invitations.ts';

let service: TestService;
beforeAll(async () => {
  service = await testService();
  await takeLease(service.db, { name: expiryLease, owner: 'test', leaseMs: 60_000 });
}, 60_000);
afterEach(() => {
  service.time.offsetMs = 0;
});
afterAll(async () => {
  expect(await service.unknownEvents()).toEqual([]);
  await service.close();
});

/**
 * The version before migration 0005, as far as it wrote: its statements, word for word in the columns that they name. While instances are replaced
 * one by one it goes on with the schema of its successor.
 */
const former = {
  async saveProfile(id: string, name: string): Promise<void> {
    await service.sql`
      INSERT INTO users (id, name, name_folded, name_is_own, email, email_folded, email_verified, avatar_url, avatar_is_own, event_count, created_at, updated_at)
      VALUES (${id}, ${name}, ${name.toLowerCase()}, DEFAULT, NULL, NULL, false, NULL, DEFAULT, 0, now(), now()) ON CONFLICT DO NOTHING`;
    await service.sql`INSERT INTO user_words (user_id, word) VALUES (${id}, ${name.toLowerCase()})`;
  },
  async invite(conversationId: string, inviterId: string, inviteeId: string, expiresInMs: number): Promise<string> {
    const id = crypto.randomUUID();
    await service.sql.begin(async (tx) => {
      await tx`SELECT id FROM conversations WHERE id = ${conversationId} FOR UPDATE`;
      await tx`
        INSERT INTO invitations (id, conversation_id, kind, state, role, inviter_id, invitee_id, created_at, expires_at, settled_at, uses_max, uses)
        VALUES (${id}, ${conversationId}, 'person', 'pending', 'member', ${inviterId}, ${inviteeId}, now(), ${new Date(Date.now() + expiresInMs).toISOString()}, NULL, NULL, 0)`;
    });
    return id;
  },
  async list(inviteeId: string): Promise<readonly string[]> {
    const rows = await service.sql<{ id: string }[]>`
      SELECT id, conversation_id, kind, state, role, inviter_id, invitee_id, created_at, expires_at, settled_at, uses_max, uses
      FROM invitations WHERE invitee_id = ${inviteeId} AND state = 'pending' AND (expires_at IS NULL OR expires_at > now())
      ORDER BY created_at DESC, id DESC`;
    return rows.map((row) => row.id);
  },
  async accept(invitationId: string, conversationId: string, userId: string): Promise<number> {
    return await service.sql.begin(async (tx) => {
      await tx`SELECT id FROM conversations WHERE id = ${conversationId} FOR UPDATE`;
      const settled = await tx`
        UPDATE invitations SET state = 'accepted', settled_at = now(), uses = uses + 1
        WHERE id = ${invitationId} AND state = 'pending' AND (expires_at IS NULL OR expires_at > now()) RETURNING id`;
      if (settled.length === 0) return 0;
      await tx`INSERT INTO members (conversation_id, user_id, role, joined_at) VALUES (${conversationId}, ${userId}, 'member', now())`;
      await tx`UPDATE conversations SET member_count = member_count + 1, version = version + 1 WHERE id = ${conversationId}`;
      return settled.length;
    });
  },
};

const hourMs = 3_600_000;

describe('two versions on one schema', () => {
  it('a person whom the former one wrote down is found and invited by this one', async () => {
    const id = crypto.randomUUID();
    await former.saveProfile(id, 'Fornjot');
    expect((await service.as.ann('GET', '/users?query=fornj')).body.items).toEqual([
      { id, name: 'Fornjot', avatarUrl: null },
    ]);
    const group = await service.group();
    expect((await service.as.ann('POST', `/conversations/${group}/invitations`, { userId: id })).status).toBe(201);
  });

  it('an invitation of the former one is listed, repeated and accepted by this one', async () => {
    const group = await service.group();
    const id = await former.invite(group, service.ids.ann, service.ids.bob, hourMs);
    const listed = (await service.as.bob('GET', '/invitations')).body.items;
    expect(listed.map((one: { id: string }) => one.id)).toContain(id);
    const repeated = await service.as.ann('POST', `/conversations/${group}/invitations`, { userId: service.ids.bob });
    expect([repeated.status, repeated.body.id]).toEqual([200, id]);
    expect((await service.as.bob('POST', `/invitations/${id}/accept`)).status).toBe(200);
    expect((await service.as.bob('GET', `/conversations/${group}`)).body.memberCount).toBe(2);
  });

  it('an invitation of the former one is over in time, and that is told', async () => {
    const group = await service.group();
    const id = await former.invite(group, service.ids.ann, service.ids.carol, hourMs);
    service.time.offsetMs = hourMs + 1000;
    await sweepExpired({
      read: createRead(service.db),
      transact: createTransact(service.db, () => {}),
      now: service.now,
    });
    expect((await service.sql`SELECT state FROM invitations WHERE id = ${id}`)[0]?.state).toBe('expired');
    expect((await service.events(group)).at(-1)).toMatchObject({ type: 'invitation.expired', data: { id } });
  });

  it('an invitation of this one is listed and accepted by the former one, and neither lets it happen twice', async () => {
    const group = await service.group();
    const invited = await service.as.ann('POST', `/conversations/${group}/invitations`, { userId: service.ids.dave });
    expect(await former.list(service.ids.dave)).toContain(invited.body.id);
    expect(await former.accept(invited.body.id, group, service.ids.dave)).toBe(1);
    expect(await former.accept(invited.body.id, group, service.ids.dave)).toBe(0);
    expect((await service.as.dave('POST', `/invitations/${invited.body.id}/accept`)).status).toBe(200);
    expect((await service.as.dave('GET', `/conversations/${group}`)).body).toMatchObject({
      memberCount: 2,
      myRole: 'member',
    });
  });

  it('what only this one knows does not disturb the former one', async () => {
    const group = await service.group();
    await service.as.ann('POST', `/conversations/${group}/invitations`, { link: true });
    await service.as.ann('POST', `/conversations/${group}/invitations`, { email: 'stranger@example.test' });
    expect(await former.list(service.ids.eve)).toEqual([]);
    const id = await former.invite(group, service.ids.ann, service.ids.eve, hourMs);
    expect(await former.list(service.ids.eve)).toEqual([id]);
  });
});
