import { describe, expect, it } from 'bun:test';
import type { Login } from '../../testing/service.ts';
import { serviceForFile } from '../../testing/service-for-file.ts';

const service = serviceForFile();

const hourMs = 3_600_000;
const invite = (id: string, login: Login, fields: object = {}, by: Login = 'ann') =>
  service.as[by]('POST', `/conversations/${id}/invitations`, { userId: service.ids[login], ...fields });
const accept = (id: string, login: Login) => service.as[login]('POST', `/invitations/${id}/accept`);
const decline = (id: string, login: Login) => service.as[login]('POST', `/invitations/${id}/decline`);
const revoke = (id: string, login: Login) => service.as[login]('DELETE', `/invitations/${id}`);
const typesOf = async (id: string) => (await service.events(id)).map((event) => event.type);

describe('POST /conversations/:id/invitations', () => {
  it('invites a person, who finds it among theirs', async () => {
    const id = await service.group({}, { name: 'Tea' });
    const { status, body } = await invite(id, 'bob');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'person',
      state: 'pending',
      role: 'member',
      conversation: { id, name: 'Tea', avatarUrl: null, memberCount: 1 },
      inviter: { id: service.ids.ann, name: 'Ann' },
      invitee: { id: service.ids.bob, name: 'Bob' },
      email: null,
      usesMax: null,
      uses: 0,
    });
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(7 * 24 * hourMs);
    expect((await service.as.bob('GET', '/invitations')).body.items).toContainEqual(body);
    expect((await service.as.eve('GET', '/invitations')).body.items).toEqual([]);
  });

  it('hobby: invitee not told: the event carries the whole invitation', async () => {
    const id = await service.group();
    const { body } = await invite(id, 'bob');
    const event = (await service.events(id)).at(-1);
    expect(event).toMatchObject({ type: 'invitation.created', actor: service.ids.ann, conversationId: id });
    expect(event?.version).toBeNull();
    expect(event?.data).toEqual(body);
  });

  it('answers the same to a repeat while it is pending, whoever repeats', async () => {
    const id = await service.group({ carol: 'admin' });
    const first = await invite(id, 'bob');
    const repeats = [await invite(id, 'bob'), await invite(id, 'bob', { role: 'viewer' }, 'carol')];
    expect(repeats.map((answer) => [answer.status, answer.body])).toEqual([
      [200, first.body],
      [200, first.body],
    ]);
  });

  it('makes one of five that are sent at once', async () => {
    const id = await service.group();
    const answers = await Promise.all(Array.from({ length: 5 }, () => invite(id, 'bob')));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  });

  it('hobby: any member invites: only where the conversation lets members', async () => {
    const id = await service.group({ carol: 'member', dave: 'viewer' });
    expect((await invite(id, 'bob', {}, 'carol')).body.code).toBe('forbidden');
    await service.as.ann('PATCH', `/conversations/${id}`, { membersMayInvite: true });
    expect((await invite(id, 'bob', {}, 'dave')).body.code).toBe('forbidden');
    expect((await invite(id, 'bob', {}, 'carol')).status).toBe(201);
  });

  it('gives nobody a role above that of the inviter', async () => {
    const id = await service.group({ carol: 'member' }, {});
    await service.as.ann('PATCH', `/conversations/${id}`, { membersMayInvite: true });
    expect((await invite(id, 'bob', { role: 'admin' }, 'carol')).body.code).toBe('forbidden');
    expect((await invite(id, 'bob', { role: 'owner' })).body.code).toBe('invalid');
    expect((await invite(id, 'bob', { role: 'admin' })).body.role).toBe('admin');
  });

  it.each(['auth0|5f7c8ec7c33c6c004bbafe82', 'bob', 'p-2b84d6f31c', '', 7])(
    'hobby: invite by raw issuer id: %p is 422',
    async (userId) => {
      const id = await service.group();
      const answer = await service.as.ann('POST', `/conversations/${id}/invitations`, { userId });
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
    },
  );

  it('refuses people that nobody knows, and members', async () => {
    const id = await service.group({ bob: 'member' });
    const unknown = await service.as.ann('POST', `/conversations/${id}/invitations`, { userId: crypto.randomUUID() });
    expect(unknown.body).toMatchObject({ code: 'invalid', errors: [{ path: '/userId', code: 'unknown' }] });
    expect((await invite(id, 'bob')).body.code).toBe('conflict');
  });

  it('makes a new one where the old one is over, and tells that', async () => {
    const id = await service.group();
    const old = await invite(id, 'bob', { expiresIn: '1h' });
    service.time.offsetMs = hourMs + 1;
    expect((await service.as.bob('GET', '/invitations')).body.items).not.toContainEqual(old.body);
    const fresh = await invite(id, 'bob');
    expect(fresh.status).toBe(201);
    expect(fresh.body.id).not.toBe(old.body.id);
    expect((await typesOf(id)).slice(-2)).toEqual(['invitation.expired', 'invitation.created']);
  });
});

describe('GET /conversations/:id/invitations', () => {
  it('shows all to admins and their own to others, in pages, the newest first', async () => {
    const id = await service.group({ carol: 'member', dave: 'viewer' });
    await service.as.ann('PATCH', `/conversations/${id}`, { membersMayInvite: true });
    const [first, second] = [await invite(id, 'bob'), await invite(id, 'eve', {}, 'carol')];
    const list = async (login: Login, query = '') =>
      (await service.as[login]('GET', `/conversations/${id}/invitations${query}`)).body;
    expect((await list('ann', '?state=pending')).items).toEqual([second.body, first.body]);
    expect((await list('carol', '?state=pending')).items).toEqual([second.body]);
    expect((await list('dave')).items).toEqual([]);
    expect((await list('ann', '?state=accepted')).items).toHaveLength(2);
    const page = await list('ann', '?limit=1');
    expect(page.items).toEqual([second.body]);
    expect((await list('ann', `?limit=1&cursor=${page.next}`)).items).toEqual([first.body]);
    await revoke(second.body.id, 'carol');
    await revoke(first.body.id, 'ann');
  });
});

describe('POST /invitations/:id/accept', () => {
  it('makes a member with the invited role, and tells both', async () => {
    const id = await service.group();
    const { body: invitation } = await invite(id, 'bob', { role: 'viewer' });
    const { status, body } = await accept(invitation.id, 'bob');
    expect(status).toBe(200);
    expect(body.conversation).toMatchObject({ id, myRole: 'viewer', memberCount: 2, version: 2 });
    expect((await service.as.bob('GET', `/conversations/${id}`)).body).toEqual(body.conversation);
    const [accepted, added] = (await service.events(id)).slice(-2);
    expect(accepted).toMatchObject({
      type: 'invitation.accepted',
      version: null,
      data: { id: invitation.id, state: 'accepted', uses: 1, conversation: { memberCount: 2 } },
    });
    expect(added).toMatchObject({
      type: 'member.added',
      version: 2,
      actor: service.ids.bob,
      data: {
        userId: service.ids.bob,
        role: 'viewer',
        previousRole: null,
        memberCount: 2,
        member: { user: { name: 'Bob' }, role: 'viewer' },
        conversation: body.conversation,
      },
    });
  });

  it('hobby: accept race: ten at once make one membership and one event', async () => {
    const id = await service.group();
    const { body: invitation } = await invite(id, 'bob');
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(invitation.id, 'bob')));
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    const types = await typesOf(id);
    expect(types.filter((type) => type === 'member.added')).toHaveLength(1);
    expect(types.filter((type) => type === 'invitation.accepted')).toHaveLength(1);
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.memberCount).toBe(2);
  });

  it('has one winner against a revocation', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await service.group();
      const { body: invitation } = await invite(id, 'bob');
      const [accepted, revoked] = await Promise.all([accept(invitation.id, 'bob'), revoke(invitation.id, 'ann')]);
      const outcome = [accepted.body?.code ?? accepted.status, revoked.body?.code ?? revoked.status];
      expect([
        [200, 'conflict'],
        ['invitation-revoked', 204],
      ]).toContainEqual(outcome);
      const { memberCount } = (await service.as.ann('GET', `/conversations/${id}`)).body;
      expect(memberCount).toBe(accepted.status === 200 ? 2 : 1);
    }
  });

  it('says why not, with a code of its own each', async () => {
    const id = await service.group();
    const [declined, revoked, expired, left] = [
      (await invite(id, 'bob')).body.id,
      (await invite(id, 'carol')).body.id,
      (await invite(id, 'dave', { expiresIn: '1h' })).body.id,
      (await invite(id, 'eve')).body.id,
    ];
    await decline(declined, 'bob');
    await revoke(revoked, 'ann');
    await accept(left, 'eve');
    await service.as.eve('POST', `/conversations/${id}/leave`);
    service.time.offsetMs = hourMs;
    const answers = [
      await accept(declined, 'bob'),
      await accept(revoked, 'carol'),
      await accept(expired, 'dave'),
      await accept(left, 'eve'),
    ];
    expect(answers.map((answer) => [answer.status, answer.body.code])).toEqual([
      [410, 'invitation-declined'],
      [410, 'invitation-revoked'],
      [410, 'invitation-expired'],
      [410, 'invitation-used-up'],
    ]);
  });

  it('never expires when it was made so', async () => {
    const id = await service.group();
    const { body } = await invite(id, 'bob', { expiresIn: 'never' });
    expect(body.expiresAt).toBeNull();
    service.time.offsetMs = 10_000 * 24 * hourMs;
    expect((await accept(body.id, 'bob')).status).toBe(200);
  });

  it('hides an invitation from everybody but its person', async () => {
    const id = await service.group();
    const { body } = await invite(id, 'bob');
    expect((await accept(body.id, 'eve')).status).toBe(404);
    expect((await accept(body.id, 'ann')).status).toBe(404);
    expect((await accept(crypto.randomUUID(), 'bob')).status).toBe(404);
  });

  it('refuses in an archived conversation, and the invitation stays', async () => {
    const id = await service.group();
    const { body } = await invite(id, 'bob');
    await service.as.ann('PATCH', `/conversations/${id}`, { archived: true });
    expect((await accept(body.id, 'bob')).body.code).toBe('conflict');
    await service.as.ann('PATCH', `/conversations/${id}`, { archived: false });
    expect((await accept(body.id, 'bob')).status).toBe(200);
  });
});

describe('POST /invitations/:id/decline', () => {
  it('hobby: no decline / revoke / leave: declines, once, and tells the inviter', async () => {
    const id = await service.group();
    const { body } = await invite(id, 'bob');
    expect([(await decline(body.id, 'bob')).status, (await decline(body.id, 'bob')).status]).toEqual([204, 204]);
    const told = (await service.events(id)).filter((event) => event.type === 'invitation.declined');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ actor: service.ids.bob, data: { id: body.id, state: 'declined' } });
    expect((await decline(body.id, 'eve')).status).toBe(404);
  });

  it('makes that inviter wait a day for this conversation, and no other', async () => {
    const id = await service.group({ carol: 'admin' });
    await decline((await invite(id, 'bob')).body.id, 'bob');
    const refused = await invite(id, 'bob');
    expect([refused.status, refused.body.code]).toEqual([429, 'cool-down']);
    expect(refused.body.retryAfterMs).toBeGreaterThan(86_400_000 - 60_000);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(86_340);
    expect((await invite(await service.group(), 'bob')).status).toBe(201);
    expect((await invite(id, 'dave')).status).toBe(201);
    const byCarol = await invite(id, 'bob', {}, 'carol');
    expect(byCarol.status).toBe(201);
    await revoke(byCarol.body.id, 'carol');
    service.time.offsetMs = 86_400_000;
    expect((await invite(id, 'bob')).status).toBe(201);
  });

  it('comes too late after an end of another kind', async () => {
    const id = await service.group();
    const [accepted, revoked] = [(await invite(id, 'bob')).body.id, (await invite(id, 'carol')).body.id];
    await accept(accepted, 'bob');
    await revoke(revoked, 'ann');
    expect((await decline(accepted, 'bob')).body.code).toBe('conflict');
    expect((await decline(revoked, 'carol')).body.code).toBe('invitation-revoked');
  });
});

describe('DELETE /invitations/:id', () => {
  it('hobby: no decline / revoke / leave: revokes, once, and tells the invited', async () => {
    const id = await service.group();
    const { body } = await invite(id, 'bob');
    expect([(await revoke(body.id, 'ann')).status, (await revoke(body.id, 'ann')).status]).toEqual([204, 204]);
    expect((await typesOf(id)).filter((type) => type === 'invitation.revoked')).toHaveLength(1);
    expect((await service.as.bob('GET', '/invitations')).body.items).not.toContainEqual(body);
    expect((await invite(id, 'bob')).status).toBe(201);
  });

  it('is for its inviter and for admins', async () => {
    const id = await service.group({ carol: 'member', dave: 'admin' });
    await service.as.ann('PATCH', `/conversations/${id}`, { membersMayInvite: true });
    const [byAnn, byCarol] = [(await invite(id, 'bob')).body.id, (await invite(id, 'eve', {}, 'carol')).body.id];
    expect((await revoke(byAnn, 'carol')).body.code).toBe('forbidden');
    expect((await revoke(byAnn, 'eve')).body.code).toBe('not-found');
    expect((await revoke(byAnn, 'bob')).body.code).toBe('not-found');
    expect((await revoke(byAnn, 'dave')).status).toBe(204);
    expect((await revoke(byCarol, 'carol')).status).toBe(204);
  });

  it('takes the right from an inviter who is no member any more', async () => {
    const id = await service.group({ carol: 'admin' });
    const { body } = await invite(id, 'bob', {}, 'carol');
    await service.as.ann('DELETE', `/conversations/${id}/members/${service.ids.carol}`);
    expect((await revoke(body.id, 'carol')).status).toBe(404);
    expect((await revoke(body.id, 'ann')).status).toBe(204);
  });
});
