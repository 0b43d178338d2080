import { describe, expect, it } from 'bun:test';
import type { Login } from '../../testing/service.ts';
import { serviceForFile } from '../../testing/service-for-file.ts';
import { insertToken } from './invitation-store.ts';
import { hashOfToken, newInvitationToken } from './token.ts';

const service = serviceForFile();

const hourMs = 3_600_000;
const inviteBy = (id: string, body: object, by: Login = 'ann') =>
  service.as[by]('POST', `/conversations/${id}/invitations`, body);
const makeLink = async (id: string, fields: object = {}, by: Login = 'ann') => {
  const { body } = await inviteBy(id, { link: true, ...fields }, by);
  return { id: body.id as string, token: body.url.split('/').at(-1) as string };
};
const preview = (token: string, login: Login) => service.as[login]('GET', `/invitations/token/${token}`);
const redeem = (token: string, login: Login) => service.as[login]('POST', `/invitations/token/${token}/accept`);
const rowOf = async (id: string) => ({
  ...(await service.sql`SELECT uses, state FROM invitations WHERE id = ${id}`)[0],
});

describe('a link', () => {
  it('names its secret once, and keeps only the hash of it', async () => {
    const id = await service.group({}, { name: 'Harbour' });
    const { status, body } = await inviteBy(id, { link: true, usesMax: 3, role: 'viewer', expiresIn: '1d' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: 'link', state: 'pending', role: 'viewer', usesMax: 3, uses: 0, invitee: null });
    expect(body.url).toMatch(/^http:\/\/localhost:3000\/invite\/[\w-]{43}$/);
    const token = body.url.split('/').at(-1);
    const listed = (await service.as.ann('GET', `/conversations/${id}/invitations`)).body.items[0];
    expect(listed).toEqual({ ...body, url: undefined });
    const dump = await service.sql`SELECT t.* FROM invitation_tokens t JOIN invitations i ON i.id = t.invitation_id`;
    expect(JSON.stringify(dump)).not.toContain(token);
    expect(JSON.stringify(await service.events(id))).not.toContain(token);
  });

  it('shows what it invites to, then lets in, and counts', async () => {
    const id = await service.group({}, { name: 'Harbour' });
    const link = await makeLink(id, { usesMax: 2, role: 'viewer' });
    const shown = await preview(link.token, 'bob');
    expect(shown.body).toMatchObject({ id: link.id, conversation: { id, name: 'Harbour', memberCount: 1 } });
    expect(await rowOf(link.id)).toEqual({ uses: 0, state: 'pending' });
    const { status, body } = await redeem(link.token, 'bob');
    expect([status, body.conversation.myRole, body.conversation.memberCount]).toEqual([200, 'viewer', 2]);
    const [accepted, added] = (await service.events(id)).slice(-2);
    expect(accepted).toMatchObject({ type: 'invitation.accepted', data: { state: 'pending', uses: 1 } });
    expect(added).toMatchObject({ type: 'member.added', data: { userId: service.ids.bob, role: 'viewer' } });
    await redeem(link.token, 'carol');
    expect(await rowOf(link.id)).toEqual({ uses: 2, state: 'used-up' });
    expect((await service.events(id)).at(-2)).toMatchObject({ data: { state: 'used-up', uses: 2 } });
    expect((await redeem(link.token, 'dave')).body.code).toBe('invitation-used-up');
    expect((await preview(link.token, 'dave')).body.code).toBe('invitation-used-up');
  });

  it('costs nothing at a second click, as a member or after leaving', async () => {
    const id = await service.group();
    const link = await makeLink(id, { usesMax: 2 });
    await redeem(link.token, 'bob');
    expect((await redeem(link.token, 'bob')).status).toBe(200);
    await service.as.bob('POST', `/conversations/${id}/leave`);
    expect((await redeem(link.token, 'bob')).status).toBe(200);
    expect(await rowOf(link.id)).toEqual({ uses: 1, state: 'pending' });
  });

  it('says why not, with a code of its own each; a member gets in all the same', async () => {
    const id = await service.group({ carol: 'member' });
    const [revoked, expired] = [await makeLink(id), await makeLink(id, { expiresIn: '1h' })];
    await service.as.ann('DELETE', `/invitations/${revoked.id}`);
    expect((await redeem(revoked.token, 'bob')).body.code).toBe('invitation-revoked');
    expect((await preview(revoked.token, 'bob')).body.code).toBe('invitation-revoked');
    service.time.offsetMs = hourMs + 1;
    expect((await redeem(expired.token, 'bob')).body.code).toBe('invitation-expired');
    for (const { token } of [revoked, expired]) {
      expect((await preview(token, 'carol')).status).toBe(200);
      expect((await redeem(token, 'carol')).body.conversation.id).toBe(id);
    }
  });

  it('is unknown where nobody made it, whatever its form', async () => {
    for (const token of [newInvitationToken(), 'x', `${newInvitationToken()}x`, '%00']) {
      expect((await preview(token, 'bob')).status).toBe(404);
      expect((await redeem(token, 'bob')).status).toBe(404);
    }
  });

  it('is not accepted by its id, and nobody declines it', async () => {
    const link = await makeLink(await service.group());
    expect((await service.as.bob('POST', `/invitations/${link.id}/accept`)).status).toBe(404);
    expect((await service.as.bob('POST', `/invitations/${link.id}/decline`)).status).toBe(404);
  });

  it('ends when who made it is removed', async () => {
    const id = await service.group({ bob: 'admin' });
    const link = await makeLink(id, {}, 'bob');
    await service.as.ann('DELETE', `/conversations/${id}/members/${service.ids.bob}`);
    expect((await redeem(link.token, 'bob')).body.code).toBe('invitation-revoked');
  });

  it('lets one of five in by one use', async () => {
    const id = await service.group();
    const link = await makeLink(id, { usesMax: 1 });
    const racers = ['bob', 'carol', 'dave', 'eve'] as const;
    const answers = await Promise.all(racers.map((login) => redeem(link.token, login)));
    const codes = answers.map(({ body }) => body.code ?? 'in').sort();
    expect(codes).toEqual(['in', 'invitation-used-up', 'invitation-used-up', 'invitation-used-up']);
  });

  it('is one of at most fifty', async () => {
    const id = await service.group();
    for (let count = 0; count < 50; count++) await inviteBy(id, { link: true });
    expect((await inviteBy(id, { link: true })).body.code).toBe('conflict');
  });
});

describe('an invitation to an address', () => {
  /** What the mail would have carried. */
  const tokenOf = async (invitationId: string) => {
    const token = newInvitationToken();
    await service.db.transaction((tx) => insertToken(tx, invitationId, hashOfToken(token)));
    return token;
  };

  it('shows the address to its inviter only', async () => {
    const id = await service.group({ carol: 'admin' });
    const { status, body } = await inviteBy(id, { email: 'Bob@example.test' });
    expect([status, body.kind, body.email, body.invitee]).toEqual([201, 'email', 'Bob@example.test', null]);
    expect(body.url).toBeUndefined();
    const seenBy = async (login: Login) =>
      (await service.as[login]('GET', `/conversations/${id}/invitations?state=pending`)).body.items[0].email;
    expect([await seenBy('ann'), await seenBy('carol')]).toEqual(['Bob@example.test', null]);
    expect((await preview(await tokenOf(body.id), 'bob')).body.email).toBeNull();
  });

  it('answers the same to a repeat, in whatever case', async () => {
    const id = await service.group({ carol: 'admin' });
    const first = await inviteBy(id, { email: 'new@example.test' });
    const repeat = await inviteBy(id, { email: 'NEW@example.test' }, 'carol');
    expect([repeat.status, repeat.body.id, repeat.body.email]).toEqual([200, first.body.id, null]);
  });

  it('is redeemed by who has that verified address, and nobody else', async () => {
    const id = await service.group();
    const { body } = await inviteBy(id, { email: 'bob@example.test' });
    const token = await tokenOf(body.id);
    for (const login of ['eve', 'carol'] as const) {
      expect((await preview(token, login)).body.code).toBe('invitation-not-for-you');
      expect((await redeem(token, login)).body.code).toBe('invitation-not-for-you');
    }
    expect((await redeem(token, 'bob')).status).toBe(200);
    expect(await rowOf(body.id)).toEqual({ uses: 1, state: 'accepted' });
    expect((await redeem(token, 'bob')).status).toBe(200);
    await service.as.bob('POST', `/conversations/${id}/leave`);
    expect((await redeem(token, 'bob')).body.code).toBe('invitation-used-up');
  });

  it('is not redeemed with an address that nobody verified', async () => {
    const id = await service.group();
    const { body } = await inviteBy(id, { email: 'dave@example.test' });
    const token = await tokenOf(body.id);
    const path = `/internal/users/${service.ids.dave}`;
    await service.bff('PUT', path, { ...service.profileOf('dave'), emailVerified: false });
    expect((await redeem(token, 'dave')).body.code).toBe('invitation-not-for-you');
    await service.bff('PUT', path, service.profileOf('dave'));
    expect((await redeem(token, 'dave')).status).toBe(200);
  });

  it('can be declined by who has the address, and then waits', async () => {
    const id = await service.group();
    const { body } = await inviteBy(id, { email: 'carol@example.test' });
    expect((await service.as.eve('POST', `/invitations/${body.id}/decline`)).status).toBe(404);
    expect((await service.as.carol('POST', `/invitations/${body.id}/decline`)).status).toBe(204);
    expect((await inviteBy(id, { email: 'carol@example.test' })).body.code).toBe('cool-down');
    expect((await redeem(await tokenOf(body.id), 'carol')).body.code).toBe('invitation-declined');
  });

  it('waits, too, after its person declined by name, and the other way round', async () => {
    const id = await service.group({ carol: 'admin' });
    const decline = async (body: { id: string }, login: Login) =>
      expect((await service.as[login]('POST', `/invitations/${body.id}/decline`)).status).toBe(204);
    await decline((await inviteBy(id, { userId: service.ids.bob })).body, 'bob');
    const byAddress = await inviteBy(id, { email: 'BOB@example.test' });
    expect([byAddress.status, byAddress.body.code]).toEqual([429, 'cool-down']);
    expect(byAddress.body.retryAfterMs).toBeGreaterThan(86_400_000 - 60_000);
    await decline((await inviteBy(id, { email: 'eve@example.test' })).body, 'eve');
    const byName = await inviteBy(id, { userId: service.ids.eve });
    expect([byName.status, byName.body.code]).toEqual([429, 'cool-down']);
    expect((await inviteBy(id, { email: 'bob@example.test' }, 'carol')).status).toBe(201);
    expect((await inviteBy(await service.group(), { email: 'bob@example.test' })).status).toBe(201);
    service.time.offsetMs = 86_400_000;
    expect((await inviteBy(id, { email: 'bob@example.test' })).status).toBe(200);
    expect((await inviteBy(id, { userId: service.ids.eve })).status).toBe(201);
  });

  it('does not wait where nobody verified that the address is of who declined', async () => {
    const id = await service.group();
    const { body } = await inviteBy(id, { userId: service.ids.dave });
    expect((await service.as.dave('POST', `/invitations/${body.id}/decline`)).status).toBe(204);
    const path = `/internal/users/${service.ids.dave}`;
    await service.bff('PUT', path, { ...service.profileOf('dave'), emailVerified: false });
    expect((await inviteBy(id, { email: 'dave@example.test' })).status).toBe(201);
    await service.bff('PUT', path, service.profileOf('dave'));
  });

  it('is not sent to a member', async () => {
    const id = await service.group({ bob: 'member' });
    expect((await inviteBy(id, { email: 'bob@example.test' })).body.code).toBe('conflict');
  });

  it.each([
    '',
    'bob',
    'bob@',
    '@x.test',
    'a b@x.test',
    'a@b',
    'a@x.test, c@x.test',
    'a@x.test\r\nBcc: c@x.test',
    '<a@x.test>',
    5,
  ])('refuses %p as an address', async (email) => {
    expect((await inviteBy(await service.group(), { email })).status).toBe(422);
  });
});

describe('POST /conversations/:id/invitations', () => {
  it('wants exactly one of person, address and link', async () => {
    const id = await service.group();
    const wrong = [
      {},
      { userId: service.ids.bob, link: true },
      { email: 'x@example.test', userId: service.ids.bob },
      { link: false },
      { userId: service.ids.bob, usesMax: 1 },
      { link: true, usesMax: 0 },
      { link: true, url: 'https://x' },
      { link: true, state: 'accepted' },
    ];
    for (const body of wrong) expect([body, (await inviteBy(id, body)).status]).toEqual([body, 422]);
  });

  it('S43: takes no more of a person than the limit from a burst of ten times as many at two instances', async () => {
    const settings = { invitationsPerHour: 20 };
    const instances = [service.withSettings(settings), service.withSettings(settings)];
    const ids = await Promise.all(
      Array.from({ length: 10 }, async (_, at) => {
        const { body } = await service.as.dave('POST', '/conversations', { name: `Of the burst ${at}` });
        return body.id as string;
      }),
    );
    const [before] = await service.sql`SELECT count(*) FROM invitations WHERE inviter_id = ${service.ids.dave}`;
    expect(Number(before?.count)).toBe(0);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        instances[at % 2]?.dave('POST', `/conversations/${ids[at % 10]}/invitations`, { link: true }),
      ),
    );
    expect(answers.filter((answer) => answer?.status === 201).length).toBeWithin(19, 22);
    const refused = answers.filter((answer) => answer?.status === 429);
    expect(refused.length).toBeWithin(179, 182);
    for (const answer of refused) {
      expect(Number(answer?.headers.get('retry-after'))).toBeWithin(1, 3601);
      expect(answer?.headers.get('ratelimit-policy')).toBe('"invitations";q=20;w=3600');
      expect(answer?.headers.get('ratelimit')).toMatch(/^"invitations";r=0;t=\d+$/);
    }
  }, 30_000);

  it('takes so many of a person in an hour, over all conversations', async () => {
    const limited = service.withSettings({ invitationsPerHour: 3 });
    const before = await service.sql`SELECT count(*) FROM invitations WHERE inviter_id = ${service.ids.eve}`;
    expect(Number(before[0]?.count)).toBe(0);
    const first = (await limited.eve('POST', '/conversations', { name: 'One' })).body.id;
    const second = (await limited.eve('POST', '/conversations', { name: 'Two' })).body.id;
    const statuses: number[] = [];
    for (const id of [first, second, first]) {
      statuses.push((await limited.eve('POST', `/conversations/${id}/invitations`, { link: true })).status);
    }
    expect(statuses).toEqual([201, 201, 201]);
    const refused = await limited.eve('POST', `/conversations/${second}/invitations`, { userId: service.ids.bob });
    expect([refused.status, refused.body.code]).toEqual([429, 'rate-limited']);
    expect(refused.body.retryAfterMs).toBeGreaterThan(3_000_000);
    service.time.offsetMs = hourMs + 1000;
    expect((await limited.eve('POST', `/conversations/${second}/invitations`, { link: true })).status).toBe(201);
  });
});
