import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import postgres from 'postgres';
import { type TestService, testService } from '../../testing/service.ts';
import { moveActivity } from './conversation-store.ts';

let service: TestService;
beforeAll(async () => {
  service = await testService();
}, 60_000);
afterAll(async () => {
  expect(await service.unknownEvents()).toEqual([]);
  await service.close();
});

const idsOf = (page: { items: { id: string }[] }) => page.items.map((item) => item.id);

describe('POST /conversations', () => {
  it('creates a group that the caller owns', async () => {
    const { status, body } = await service.as.ann('POST', '/conversations', { name: '  Tea \n room ', topic: '' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'group',
      name: 'Tea room',
      topic: null,
      avatarUrl: null,
      version: 1,
      memberCount: 1,
      myRole: 'owner',
      membersMayInvite: false,
      joinable: false,
      receipts: true,
      muted: false,
      notify: 'all',
      pinned: false,
      peer: null,
      archivedAt: null,
      deletedAt: null,
    });
    expect((await service.as.ann('GET', `/conversations/${body.id}`)).body).toEqual(body);
  });

  it('tells of it with everything that a push needs', async () => {
    const { body } = await service.as.ann('POST', '/conversations', { name: 'Told' });
    const events = await service.events(body.id);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'conversation.created',
      actor: service.ids.ann,
      conversationId: body.id,
      version: 1,
      data: { conversation: body, member: { user: { id: service.ids.ann, name: 'Ann' }, role: 'owner' } },
    });
  });

  it.each([
    [{ name: '   ' }, '/name', 'minLength'],
    [{ name: 'a\u0000b' }, '/name', 'characters'],
    [{ name: 'evil\u202etxt' }, '/name', 'characters'],
    [{ name: 'x'.repeat(81) }, '/name', 'maxLength'],
    [{ name: '😀'.repeat(81) }, '/name', 'maxLength'],
    [{ name: 'ok', topic: 'ệ'.repeat(251) }, '/topic', 'maxLength'],
    [{ name: 'ok', topic: 'a\u0007' }, '/topic', 'characters'],
    [{ name: 'ok', topic: '\ud800' }, '/topic', 'characters'],
  ])('refuses %j', async (body, path, code) => {
    const answer = await service.as.ann('POST', '/conversations', body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toContainEqual({ path, code });
  });

  it.each(['😀', 'ệ', 'ᾂ', 'x'])('counts code points after NFC: %s', async (letter) => {
    const [name, topic] = [letter.repeat(80), letter.repeat(250)];
    const given = { name: name.normalize('NFD'), topic: topic.normalize('NFD') };
    const { status, body } = await service.as.ann('POST', '/conversations', given);
    expect([status, body.name, body.topic]).toEqual([201, name, topic]);
    const path = `/conversations/${body.id}`;
    expect((await service.as.ann('PATCH', path, { name: `${letter}${name}` })).body.code).toBe('invalid');
    expect((await service.as.ann('PATCH', path, { topic: `${letter}${topic}` })).body.code).toBe('invalid');
  });

  it.each([
    { name: 'ok', id: crypto.randomUUID() },
    { name: 'ok', myRole: 'owner' },
    { name: 'ok', avatarUrl: '//evil.example/a.png' },
    { name: 'ok', avatarUrl: 'javascript:alert(1)' },
    { name: 'ok', avatarUrl: 'https://a.example/\u0000' },
    {},
    [],
  ])('refuses %j as a whole', async (body) => {
    expect((await service.as.ann('POST', '/conversations', body)).body.code).toBe('invalid');
  });

  it('asks a person without a profile to sign in again', async () => {
    await service.sql`DELETE FROM users WHERE id = ${service.ids.eve}`;
    const answer = await service.as.eve('POST', '/conversations', { name: 'Nobody' });
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
    await service.bff('PUT', `/internal/users/${service.ids.eve}`, service.profileOf('eve'));
  });
});

describe('GET /conversations', () => {
  it('lists by last activity, in pages without a double or a hole', async () => {
    const made: string[] = [];
    for (let index = 0; index < 7; index++) {
      const { body } = await service.as.dave('POST', '/conversations', { name: `Number ${index}` });
      made.push(body.id);
    }
    const [first = ''] = made;
    // Two at the same instant: the id decides.
    const at = new Date(Date.now() + 60_000);
    await moveActivity(service.db, new Map([first, made[1] ?? ''].map((id) => [id, at])));
    const whole = idsOf((await service.as.dave('GET', '/conversations')).body);
    expect(whole.slice(0, 2).sort()).toEqual([first, made[1] ?? ''].sort());
    expect(whole.slice(2)).toEqual(made.slice(2).reverse());

    const paged: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const query: string = next === '' ? '' : `&cursor=${next}`;
      const { body } = await service.as.dave('GET', `/conversations?limit=2${query}`);
      paged.push(...idsOf(body));
      next = body.next;
    }
    expect(paged).toEqual(whole);
  });

  it.each(['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'])('takes a cursor of %p', async (at) => {
    const cursor = btoa(`["${at}","${service.ids.ann}"]`).replaceAll('=', '');
    expect((await service.as.ann('GET', `/conversations?cursor=${cursor}`)).status).toBe(200);
  });

  it('shows archived ones only when asked for', async () => {
    const id = await service.group();
    await service.as.ann('PATCH', `/conversations/${id}`, { archived: true });
    expect(idsOf((await service.as.ann('GET', '/conversations')).body)).not.toContain(id);
    expect(idsOf((await service.as.ann('GET', '/conversations?archived=true')).body)).toEqual([id]);
  });

  it.each([
    'AAAA',
    btoa('["yesterday","x"]'),
    btoa('{}'),
    '%00',
    btoa(`["0000-01-01T00:00:00.000Z","${crypto.randomUUID()}"]`),
  ])('refuses the cursor %p', async (cursor) => {
    expect((await service.as.ann('GET', `/conversations?cursor=${cursor}`)).body.code).toBe('invalid');
  });

  it.each(['0', '101', '-1', 'many'])('refuses %p as a limit', async (limit) => {
    expect((await service.as.ann('GET', `/conversations?limit=${limit}`)).body.code).toBe('invalid');
  });
});

describe('GET /conversations/:id', () => {
  it('gives a stranger the same answer as for what does not exist', async () => {
    const id = await service.group();
    const stranger = await service.as.eve('GET', `/conversations/${id}`);
    const missing = await service.as.eve('GET', `/conversations/${crypto.randomUUID()}`);
    const malformed = await service.as.eve('GET', '/conversations/1');
    const { requestId, ...problem } = stranger.body;
    expect(stranger.status).toBe(404);
    expect({ ...missing.body, requestId }).toEqual({ ...problem, requestId });
    expect({ ...malformed.body, requestId }).toEqual({ ...problem, requestId });
  });
});

describe('PATCH /conversations/:id', () => {
  it('changes what all share, raises the version, and tells the changed fields', async () => {
    const id = await service.group({ bob: 'admin' });
    const before = (await service.as.bob('GET', `/conversations/${id}`)).body;
    const update = { name: 'New name', topic: 'Topic', membersMayInvite: true, receipts: true };
    const { status, body } = await service.as.bob('PATCH', `/conversations/${id}`, update);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      name: 'New name',
      topic: 'Topic',
      membersMayInvite: true,
      version: before.version + 1,
    });
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.name).toBe('New name');
    expect((await service.events(id)).at(-1)).toMatchObject({
      type: 'conversation.updated',
      actor: service.ids.bob,
      version: before.version + 1,
      data: { name: 'New name', topic: 'Topic', membersMayInvite: true },
    });
  });

  it('neither raises the version nor tells anything where nothing changes', async () => {
    const id = await service.group();
    const before = (await service.as.ann('GET', `/conversations/${id}`)).body;
    const told = (await service.events(id)).length;
    expect((await service.as.ann('PATCH', `/conversations/${id}`, { name: before.name })).body).toEqual(before);
    expect(await service.events(id)).toHaveLength(told);
  });

  it('refuses writes to an archived conversation until it is unarchived', async () => {
    const id = await service.group({ bob: 'member' });
    const archived = await service.as.ann('PATCH', `/conversations/${id}`, { archived: true });
    expect(archived.body.archivedAt).toMatch(/Z$/);
    const path = `/conversations/${id}`;
    const refused = [
      await service.as.ann('PATCH', path, { name: 'x' }),
      await service.as.ann('POST', `${path}/invitations`, { userId: service.ids.eve }),
      await service.as.ann('PATCH', `${path}/members/${service.ids.bob}`, { role: 'viewer' }),
    ];
    expect(refused.map((answer) => answer.body.code)).toEqual(['conflict', 'conflict', 'conflict']);
    const access = await service.messages('GET', `/internal${path}/access?userId=${service.ids.ann}`);
    expect(access.body).toEqual({ role: 'viewer', version: archived.body.version, memberCount: 2, receipts: true });

    const unarchived = await service.as.ann('PATCH', path, { archived: false, name: 'Open again' });
    expect(unarchived.body).toMatchObject({ archivedAt: null, name: 'Open again', version: archived.body.version + 1 });
    const again = await service.messages('GET', `/internal${path}/access?userId=${service.ids.ann}`);
    expect(again.body.role).toBe('owner');
  });

  it('loses no update of two at once', async () => {
    const id = await service.group({ bob: 'admin' });
    const { version } = (await service.as.ann('GET', `/conversations/${id}`)).body;
    const path = `/conversations/${id}`;
    await Promise.all([
      service.as.ann('PATCH', path, { name: 'By ann' }),
      service.as.bob('PATCH', path, { topic: 'By bob' }),
    ]);
    const after = (await service.as.ann('GET', path)).body;
    expect(after).toMatchObject({ name: 'By ann', topic: 'By bob', version: version + 2 });
    const versions = (await service.events(id)).map((event) => event.version).filter((value) => value !== null);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  });
});

describe('POST /direct-conversations', () => {
  const start = (login: 'ann' | 'bob' | 'carol', other: 'ann' | 'bob' | 'carol' | 'dave') =>
    service.as[login]('POST', '/direct-conversations', { userId: service.ids[other] });

  it('is the same conversation for the same pair, whoever asks', async () => {
    const made = await start('ann', 'bob');
    const again = await start('ann', 'bob');
    const other = await start('bob', 'ann');
    expect([made.status, again.status, other.status]).toEqual([201, 200, 200]);
    expect(made.body).toMatchObject({ kind: 'direct', name: '', memberCount: 2, myRole: 'member', version: 2 });
    expect(made.body.peer).toEqual({ id: service.ids.bob, name: 'Bob', avatarUrl: null });
    expect(again.body).toEqual(made.body);
    expect(other.body).toEqual({ ...made.body, peer: { id: service.ids.ann, name: 'Ann', avatarUrl: null } });
  });

  it('tells each of the two, as each sees it', async () => {
    const { body } = await start('ann', 'carol');
    const events = await service.events(body.id);
    expect(events.map((event) => [event.type, event.version])).toEqual([
      ['conversation.created', 1],
      ['member.added', 2],
    ]);
    expect(events[1]?.data).toMatchObject({
      userId: service.ids.carol,
      memberCount: 2,
      conversation: { version: 2, peer: { id: service.ids.ann } },
    });
  });

  it('makes one of ten that are started at once by both', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? start('bob', 'carol') : start('carol', 'bob'))),
    );
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(await service.events(answers[0]?.body.id)).toHaveLength(2);
  });

  it('is never widened, left or renamed', async () => {
    const { body } = await start('ann', 'bob');
    const path = `/conversations/${body.id}`;
    const answers = [
      await service.as.ann('POST', `${path}/invitations`, { userId: service.ids.eve }),
      await service.as.ann('POST', `${path}/leave`),
      await service.as.ann('PATCH', path, { name: 'x' }),
      await service.as.ann('DELETE', `${path}/members/${service.ids.bob}`),
    ];
    expect(answers.map((answer) => answer.body.code)).toEqual(['forbidden', 'conflict', 'forbidden', 'forbidden']);
  });

  it('refuses the caller and people that nobody knows', async () => {
    for (const userId of [service.ids.ann, crypto.randomUUID()]) {
      const answer = await service.as.ann('POST', '/direct-conversations', { userId });
      expect(answer.body).toMatchObject({ code: 'invalid', errors: [{ path: '/userId', code: 'unknown' }] });
    }
  });
});

describe('GET /internal/conversations/:id/access', () => {
  it('answers role, version and size, and 404 for who has none', async () => {
    const id = await service.group({ bob: 'viewer' });
    const access = (userId: string) => service.messages('GET', `/internal/conversations/${id}/access?userId=${userId}`);
    expect((await access(service.ids.bob)).body).toEqual({
      role: 'viewer',
      version: 2,
      memberCount: 2,
      receipts: true,
    });
    expect((await access(service.ids.eve)).body.code).toBe('not-found');
    expect((await access('x')).body.code).toBe('invalid');
  });

  it('knows of a removal at once', async () => {
    const id = await service.group({ bob: 'member' });
    await service.as.ann('DELETE', `/conversations/${id}/members/${service.ids.bob}`);
    const path = `/internal/conversations/${id}/access?userId=${service.ids.bob}`;
    expect((await service.messages('GET', path)).status).toBe(404);
  });
});

describe('GET /internal/users/:id/conversations', () => {
  it('lists every conversation of a person, archived ones too', async () => {
    const [open, archived] = [await service.group({ carol: 'member' }), await service.group({ carol: 'member' })];
    await service.as.ann('PATCH', `/conversations/${archived}`, { archived: true });
    const { body } = await service.messages('GET', `/internal/users/${service.ids.carol}/conversations`);
    expect(body.items).toContainEqual({ id: open, role: 'member', version: 2, memberCount: 2, receipts: true });
    expect(body.items).toContainEqual({ id: archived, role: 'viewer', version: 3, memberCount: 2, receipts: true });
    expect((await service.messages('GET', `/internal/users/${crypto.randomUUID()}/conversations`)).body).toEqual({
      items: [],
    });
  });
});

describe('POST /internal/memberships', () => {
  const ask = (userIds: string[]) => service.messages('POST', '/internal/memberships', { userIds });

  it('answers for each of many people, in the order asked, what it answers for one', async () => {
    await service.group({ bob: 'member', carol: 'viewer' });
    const [stranger, { ann, bob, carol }] = [crypto.randomUUID(), service.ids];
    const { body } = await ask([carol, stranger, ann, bob, ann]);
    const alone = async (userId: string) =>
      (await service.messages('GET', `/internal/users/${userId}/conversations`)).body.items;
    const asked = body.items as { userId: string; items: { id: string }[] }[];
    expect(asked.map(({ userId }) => userId)).toEqual([carol, stranger, ann, bob, ann]);
    const sorted = (items: { id: string }[]) => items.toSorted((left, right) => left.id.localeCompare(right.id));
    for (const { userId, items } of asked) expect(sorted(items)).toEqual(sorted(await alone(userId)));
    expect(asked[1]?.items).toEqual([]);
    expect(asked[3]?.items.length).toBeGreaterThan(0);
  });

  it('refuses more than two hundred, and what is no id', async () => {
    const many = Array.from({ length: 201 }, () => crypto.randomUUID());
    for (const userIds of [many, ['x']]) expect((await ask(userIds)).body.code).toBe('invalid');
    expect((await ask(many.slice(1))).status).toBe(200);
  });
});

describe('a database that cuts all connections', () => {
  it('is not seen by who asks next', async () => {
    const id = await service.group();
    const outside = postgres(service.database.ownerUrl, { max: 1 });
    for (let round = 0; round < 3; round++) {
      await outside`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`;
      const answers = await Promise.all([
        service.as.ann('GET', `/conversations/${id}`),
        service.as.ann('PATCH', `/conversations/${id}`, { name: `Name ${round}` }),
        service.as.ann('GET', '/conversations'),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    }
    await outside.end();
    const versions = (await service.events(id)).map((event) => event.version);
    expect(versions).toEqual([1, 2, 3, 4]);
  });
});
