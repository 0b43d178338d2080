import { afterEach, describe, expect, it } from 'bun:test';
import { createLog, silentLog } from '@chatapp/service/log';
import type { Login } from '../../testing/service.ts';
import { serviceForFile } from '../../testing/service-for-file.ts';
import { createRead, createTransact } from '../database.ts';
import { sweepLeaving } from './delete-me.ts';
import { lockProfile, scrubProfile } from './user-store.ts';

const service = serviceForFile();
/** Everybody signs in again, which makes a deleted account a new one. */
afterEach(async () => {
  for (const login of ['bob', 'carol', 'eve'] as const) {
    await service.bff('PUT', `/internal/users/${service.ids[login]}`, service.profileOf(login));
  }
});

const parts = () => ({
  read: createRead(service.db),
  transact: createTransact(service.db, () => {}),
  now: service.now,
});
const sweepParts = () => ({ ...parts(), log: silentLog() });
const removeMe = (login: Login) => service.as[login]('DELETE', '/me');
/** What a crash leaves of `DELETE /me`. */
const beginLeaving = async (login: Login) =>
  await service.db.transaction(async (tx) => {
    const before = await lockProfile(tx, service.ids[login]);
    if (before) await scrubProfile(tx, before, new Date());
  });

describe('DELETE /me', () => {
  it('S48: takes the person out of everything, tells it, and leaves no name or address behind', async () => {
    const id = await service.group({ bob: 'admin', carol: 'member' });
    const direct = (await service.as.bob('POST', '/direct-conversations', { userId: service.ids.ann })).body.id;
    const sent = (await service.as.bob('POST', `/conversations/${id}/invitations`, { email: 'friend@example.test' }))
      .body;
    const got = (await service.as.dave('POST', '/conversations', { name: 'D' })).body.id;
    await service.as.dave('POST', `/conversations/${got}/invitations`, { userId: service.ids.bob });
    await service.as.bob('PUT', `/me/blocks/${service.ids.eve}`);
    await service.as.bob('PATCH', '/me', { name: 'Bobby Canary' });

    expect((await removeMe('bob')).status).toBe(204);
    expect((await removeMe('bob')).status).toBe(204);

    expect((await service.as.bob('GET', '/me')).status).toBe(404);
    expect((await service.as.bob('GET', '/conversations')).body.items).toEqual([]);
    expect((await service.as.bob('POST', '/conversations', { name: 'x' })).body.code).toBe('conflict');
    expect((await service.as.ann('GET', '/users?query=bobby')).body.items).toEqual([]);
    expect((await service.as.ann('GET', '/users?query=bob@example.test')).body.items).toEqual([]);
    expect((await service.as.ann('GET', `/users?ids=${service.ids.bob}`)).body.items).toEqual([
      { id: service.ids.bob, name: 'Deleted account', avatarUrl: null },
    ]);
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.memberCount).toBe(2);
    expect((await service.as.ann('GET', `/conversations/${direct}`)).body).toMatchObject({
      memberCount: 1,
      peer: { name: 'Deleted account' },
    });
    expect((await service.as.ann('GET', `/conversations/${id}/invitations`)).body.items).not.toContainEqual(
      expect.objectContaining({ id: sent.id }),
    );
    expect((await service.as.dave('GET', `/conversations/${got}/invitations`)).body.items).toEqual([]);

    const told = (await service.events(service.ids.bob)).at(-1);
    expect(told).toMatchObject({ type: 'user.deleted', data: { userId: service.ids.bob } });
    expect((await service.events(id)).slice(-2)).toMatchObject([
      { type: 'invitation.revoked', data: { id: sent.id } },
      { type: 'member.left', data: { userId: service.ids.bob, memberCount: 2 } },
    ]);
    // All but the events of the last days, which go by themselves.
    for (const table of ['users', 'user_words', 'members', 'invitations', 'blocks', 'audit', 'conversations']) {
      const rows = await service.sql.unsafe(`SELECT * FROM ${table}`);
      expect([table, /canary|bob@|friend@/i.test(JSON.stringify(rows))]).toEqual([table, false]);
    }
  });

  it('S48: takes the invitations to the verified address of the person along, whatever became of them', async () => {
    const [one, two] = [await service.group(), await service.group()];
    const toBob = (id: string) =>
      service.as.ann('POST', `/conversations/${id}/invitations`, { email: 'Bob@example.test' });
    const settled = (await toBob(one)).body.id;
    await service.as.ann('DELETE', `/invitations/${settled}`);
    await toBob(two);
    // Somebody else's is not his, however alike.
    await service.as.ann('POST', `/conversations/${two}/invitations`, { email: 'bobby@example.test' });
    expect((await removeMe('bob')).status).toBe(204);
    const rows = await service.sql`SELECT email FROM invitations WHERE conversation_id IN (${one}, ${two})`;
    expect(rows.map(({ email }) => email)).toEqual(['bobby@example.test']);
    const [row] = await service.sql`SELECT email, email_folded, is_leaving FROM users WHERE id = ${service.ids.bob}`;
    expect(row).toEqual({ email: null, email_folded: null, is_leaving: false });
    expect((await service.events(two)).map(({ type }) => type)).toContain('invitation.revoked');
  });

  it('asks an owner to hand over first', async () => {
    const id = (await service.as.carol('POST', '/conversations', { name: 'C' })).body.id;
    const { body } = await service.as.carol('POST', `/conversations/${id}/invitations`, { userId: service.ids.bob });
    await service.as.bob('POST', `/invitations/${body.id}/accept`);
    expect((await removeMe('carol')).body.code).toBe('last-owner');
    expect((await service.as.carol('GET', '/me')).status).toBe(200);
    await service.as.carol('POST', `/conversations/${id}/owner`, { userId: service.ids.bob });
    expect((await removeMe('carol')).status).toBe(204);
  });

  it('erases with the person what was theirs alone', async () => {
    const id = (await service.as.eve('POST', '/conversations', { name: 'Mine' })).body.id;
    await removeMe('eve');
    const [row] = await service.sql`SELECT deleted_at FROM conversations WHERE id = ${id}`;
    expect(row?.deleted_at).not.toBeNull();
  });

  it('begins anew for who signs in again, and a ban is not forgotten', async () => {
    const id = await service.group({ eve: 'member' });
    await service.as.ann('POST', `/conversations/${id}/bans/${service.ids.eve}`);
    const direct = (await service.as.eve('POST', '/direct-conversations', { userId: service.ids.ann })).body.id;
    await removeMe('eve');
    await service.bff('PUT', `/internal/users/${service.ids.eve}`, service.profileOf('eve'));
    const me = (await service.as.eve('GET', '/me')).body;
    expect([me.name, me.email]).toEqual(['Eve', 'eve@example.test']);
    expect((await service.as.eve('GET', '/conversations')).body.items).toEqual([]);
    const invited = await service.as.ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.eve });
    expect(invited.body.code).toBe('conflict');
    const again = await service.as.eve('POST', '/direct-conversations', { userId: service.ids.ann });
    expect([again.body.id, again.body.memberCount]).toEqual([direct, 2]);
    expect((await service.as.ann('GET', `/conversations/${direct}`)).body.peer.name).toBe('Eve');
    const ordinals = await service.sql<{ n: string }[]>`
      SELECT ordinal AS n FROM outbox WHERE subject_id = ${service.ids.eve} ORDER BY ordinal`;
    expect(new Set(ordinals.map(({ n }) => n)).size).toBe(ordinals.length);
  });

  it('begins anew with blocks, which hold against a direct conversation of before', async () => {
    const direct = (await service.as.eve('POST', '/direct-conversations', { userId: service.ids.dave })).body.id;
    await removeMe('eve');
    await service.bff('PUT', `/internal/users/${service.ids.eve}`, service.profileOf('eve'));
    await service.as.eve('PUT', `/me/blocks/${service.ids.dave}`);
    const refused = await service.as.dave('POST', '/direct-conversations', { userId: service.ids.eve });
    expect([refused.status, refused.body.code]).toEqual([429, 'cool-down']);
    expect((await service.as.dave('GET', `/conversations/${direct}`)).body.memberCount).toBe(1);
    const opened = await service.as.eve('POST', '/direct-conversations', { userId: service.ids.dave });
    expect([opened.body.id, opened.body.memberCount]).toEqual([direct, 2]);
    expect((await service.as.dave('POST', '/direct-conversations', { userId: service.ids.eve })).status).toBe(200);
    await service.as.eve('DELETE', `/me/blocks/${service.ids.dave}`);
  });

  it('is ended by the sweep after a crash, and hands over what became theirs meanwhile', async () => {
    const id = await service.group({ bob: 'member', carol: 'viewer' });
    await beginLeaving('bob');
    await service.sql`UPDATE members SET role = 'owner' WHERE conversation_id = ${id} AND user_id = ${service.ids.bob}`;
    await service.sql`UPDATE members SET role = 'admin' WHERE conversation_id = ${id} AND user_id = ${service.ids.ann}`;
    const early = await service.bff('PUT', `/internal/users/${service.ids.bob}`, service.profileOf('bob'));
    expect(early.status).toBe(503);
    await Promise.all([sweepLeaving(sweepParts()), sweepLeaving(sweepParts())]);
    const { items } = (await service.as.ann('GET', `/conversations/${id}/members`)).body;
    expect(items.map((item: { user: { id: string }; role: string }) => [item.user.id, item.role])).toEqual([
      [service.ids.ann, 'owner'],
      [service.ids.carol, 'viewer'],
    ]);
  });

  it('ends the others where one account cannot be emptied, and says so', async () => {
    for (const login of ['bob', 'carol'] as const) await beginLeaving(login);
    const isLeft = async () => await service.sql`SELECT id FROM users WHERE is_leaving`;
    const lines: string[] = [];
    const log = createLog({ service: 'test', level: 'warn', write: (line) => void lines.push(line) });
    const { transact, ...rest } = parts();
    let failures = 0;
    const failOnce: typeof transact = (work) =>
      failures++ === 0 ? Promise.reject(new Error('cannot')) : transact(work);
    await sweepLeaving({ ...rest, transact: failOnce, log });
    const left = await isLeft();
    expect(left).toHaveLength(1);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { error: { message: 'cannot' }, userId: left[0]?.id },
    ]);
    await sweepLeaving(sweepParts());
    expect(await isLeft()).toHaveLength(0);
  });

  it.each([
    ['with a conversation', true],
    ['without one', false],
  ])('takes nothing from who came back %s while it was being emptied', async (_, hasConversation) => {
    const { carol, dave } = service.ids;
    await beginLeaving('carol');
    const comeBack = async () => {
      await sweepLeaving(sweepParts());
      await service.bff('PUT', `/internal/users/${carol}`, service.profileOf('carol'));
      if (hasConversation) await service.as.carol('POST', '/conversations', { name: 'Anew' });
      await service.as.carol('PUT', `/me/blocks/${dave}`);
    };
    const { read, ...rest } = sweepParts();
    let reads = 0;
    const lateRead: typeof read = async (query) => {
      if (reads++ === 1) await comeBack();
      return await read(query);
    };
    await sweepLeaving({ ...rest, read: lateRead });
    const names = (await service.as.carol('GET', '/conversations')).body.items.map(
      (item: { name: string }) => item.name,
    );
    expect(names).toEqual(hasConversation ? ['Anew'] : []);
    expect((await service.as.carol('GET', '/me/blocks')).body.items).toHaveLength(1);
    expect((await service.as.ann('GET', '/users?query=carol@example.test')).body.items).toHaveLength(1);
    await service.as.carol('DELETE', `/me/blocks/${dave}`);
  });

  it('leaves nobody behind who is let in at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await service.group();
      const { body } = await service.as.ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.eve });
      await Promise.all([service.as.eve('POST', `/invitations/${body.id}/accept`), removeMe('eve')]);
      const rows = await service.sql`SELECT 1 FROM members WHERE user_id = ${service.ids.eve}`;
      expect(rows).toHaveLength(0);
      expect((await service.as.ann('GET', `/conversations/${id}`)).body.memberCount).toBe(1);
      await service.bff('PUT', `/internal/users/${service.ids.eve}`, service.profileOf('eve'));
    }
  });
});

describe('GET /me/export', () => {
  it('S48: holds everything of the person, and nothing of others but names', async () => {
    const id = (await service.as.carol('POST', '/conversations', { name: 'Choir' })).body.id;
    await service.as.carol('POST', `/conversations/${id}/invitations`, { email: 'new@example.test' });
    await service.as.carol('PUT', `/me/blocks/${service.ids.eve}`);
    const { status, body, headers } = await service.as.carol('GET', '/me/export');
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toContain('attachment');
    expect(body.profile).toMatchObject({ id: service.ids.carol, email: 'carol@example.test' });
    expect(body.conversations).toContainEqual(expect.objectContaining({ id, name: 'Choir', myRole: 'owner' }));
    expect(body.invitationsSent).toContainEqual(
      expect.objectContaining({ conversationId: id, email: 'new@example.test' }),
    );
    expect(body.blocks).toMatchObject([{ user: { name: 'Eve' } }]);
    expect(body.acts).toContainEqual(expect.objectContaining({ conversationId: id, act: 'conversation.created' }));
    expect(JSON.stringify(body)).not.toContain('eve@');
  });
});

// The last one: so many events hide those of other tests.
describe('DELETE /me of who sent thousands of invitations', () => {
  it('ends them all', async () => {
    const id = await service.group({ bob: 'admin' });
    await service.sql`
      INSERT INTO invitations (id, conversation_id, kind, state, role, inviter_id, created_at)
      SELECT gen_random_uuid(), ${id}, 'link', 'pending', 'member', ${service.ids.bob}, now() FROM generate_series(1, 16500)`;
    expect((await removeMe('bob')).status).toBe(204);
    const [row] = await service.sql`SELECT is_leaving FROM users WHERE id = ${service.ids.bob}`;
    expect(row).toEqual({ is_leaving: false });
    const [told] = await service.sql`
      SELECT count(*)::int AS n, count(DISTINCT ordinal)::int AS ordinals FROM audit
      WHERE conversation_id = ${id} AND act = 'invitation.revoked'`;
    expect({ ...told }).toEqual({ n: 16_500, ordinals: 16_500 });
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.memberCount).toBe(1);
  }, 60_000);
});
