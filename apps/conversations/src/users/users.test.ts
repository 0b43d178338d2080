import { beforeAll, describe, expect, it } from 'bun:test';
import { serviceForFile } from '../../testing/service-for-file.ts';

const service = serviceForFile();
const named = new Map<string, string>();
beforeAll(async () => {
  const names = ['Zoë O’Neil', 'Annette Ann Berg', 'Anton Zoe', 'Łukasz Żak', '李小龍', 'Zoltan Other'];
  for (const [index, name] of names.entries()) {
    const id = crypto.randomUUID();
    const profile = { name, email: `Person${index}@Example.test`, emailVerified: index !== 2, avatarUrl: null };
    await service.bff('PUT', `/internal/users/${id}`, profile);
    named.set(name, id);
  }
}, 60_000);

const find = async (query: string, rest = '') =>
  (await service.as.eve('GET', `/users?query=${encodeURIComponent(query)}${rest}`)).body;
const namesOf = (page: { items: { name: string }[] }) => page.items.map((item) => item.name);

describe('GET /users?query=', () => {
  it.each([
    ['zoe', ['Anton Zoe', 'Zoë O’Neil']],
    ['ZOË', ['Anton Zoe', 'Zoë O’Neil']],
    ['neil', ['Zoë O’Neil']],
    ['o neil z', ['Zoë O’Neil']],
    ['zo an', ['Anton Zoe']],
    ['zak', ['Łukasz Żak']],
    ['李', ['李小龍']],
    ['person0@example.test', ['Zoë O’Neil']],
    ['PERSON1@EXAMPLE.TEST', ['Annette Ann Berg']],
    ['person0@example', []],
    ['oe', []],
    ['%', []],
    ['\u0000', []],
    ['\u0000@x', []],
    ['person0@example.test\u0000', []],
    ['_oe', []],
    ["'; DROP TABLE users; --", []],
  ])('finds by %p', async (query, expected) => {
    expect(namesOf(await find(query)).sort()).toEqual([...expected].sort());
  });

  it('does not find by an address that nobody verified', async () => {
    expect((await find('person2@example.test')).items).toEqual([]);
  });

  it('finds each once, in pages', async () => {
    const whole = namesOf(await find('an'));
    expect(whole).toEqual(['Annette Ann Berg', 'Ann', 'Anton Zoe'].sort((a, b) => whole.indexOf(a) - whole.indexOf(b)));
    expect(new Set(whole)).toEqual(new Set(['Ann', 'Annette Ann Berg', 'Anton Zoe']));
    const first = await find('an', '&limit=2');
    const second = await find('an', `&limit=2&cursor=${first.next}`);
    expect([...namesOf(first), ...namesOf(second)]).toEqual(whole);
    expect(second.next).toBeNull();
  });

  it.each(['한'.repeat(80), '㌖'.repeat(80), '𝒳'.repeat(80), '𐐷'.repeat(80)])(
    'goes on after a name of long letters: %p',
    async (name) => {
      for (let person = 0; person < 2; person++) {
        const profile = { name, email: null, emailVerified: false, avatarUrl: null };
        await service.bff('PUT', `/internal/users/${crypto.randomUUID()}`, profile);
      }
      const [letter = ''] = name;
      const first = await find(letter, '&limit=1');
      expect(namesOf(await find(letter, `&limit=1&cursor=${first.next}`))).toEqual([name]);
    },
  );

  it('shows id, name and picture, never an address', async () => {
    expect((await find('bob')).items).toEqual([{ id: service.ids.bob, name: 'Bob', avatarUrl: null }]);
  });

  it('finds by the new name, not the old one', async () => {
    const id = crypto.randomUUID();
    const put = (name: string) =>
      service.bff('PUT', `/internal/users/${id}`, { name, email: null, emailVerified: false, avatarUrl: null });
    await put('Before Changing');
    await put('After Change');
    expect((await find('before')).items).toEqual([]);
    expect(namesOf(await find('after'))).toEqual(['After Change']);
  });

  it.each(['', '?query=', '?query=a&ids=x', '?ids=x', '?query=a&cursor=AAAA'])('refuses /users%s', async (query) => {
    expect((await service.as.eve('GET', `/users${query}`)).body.code).toBe('invalid');
  });
});

describe('GET /users?ids=', () => {
  it('names people, former members too, and leaves unknown ids out', async () => {
    const ids = [service.ids.bob, service.ids.ann, crypto.randomUUID(), service.ids.bob].join(',');
    const { body } = await service.as.eve('GET', `/users?ids=${ids}`);
    expect(body).toEqual({
      items: [
        { id: service.ids.ann, name: 'Ann', avatarUrl: null },
        { id: service.ids.bob, name: 'Bob', avatarUrl: null },
      ],
      next: null,
    });
  });

  it('takes 200 ids and no more', async () => {
    const list = (count: number) => Array.from({ length: count }, () => crypto.randomUUID()).join(',');
    expect((await service.as.eve('GET', `/users?ids=${list(200)}`)).status).toBe(200);
    expect((await service.as.eve('GET', `/users?ids=${list(201)}`)).body.code).toBe('invalid');
  });
});

describe('GET /users with a directory that is not open', () => {
  it('finds by whole address only with exact', async () => {
    const as = service.withSettings({ directory: 'exact' });
    expect((await as.eve('GET', '/users?query=bob')).body.items).toEqual([]);
    expect(namesOf((await as.eve('GET', '/users?query=bob@example.test')).body)).toEqual(['Bob']);
  });

  it('finds who shares a conversation with members', async () => {
    const as = service.withSettings({ directory: 'members' });
    expect((await as.eve('GET', '/users?query=carol')).body.items).toEqual([]);
    await service.group({ carol: 'member', eve: 'viewer' });
    expect(namesOf((await as.eve('GET', '/users?query=carol')).body)).toEqual(['Carol']);
    expect((await as.eve('GET', '/users?query=dave')).body.items).toEqual([]);
  });
});

describe('GET and PATCH /me', () => {
  it('reads and changes my profile, and tells when others see it', async () => {
    const before = (await service.as.dave('GET', '/me')).body;
    expect(before).toMatchObject({ id: service.ids.dave, email: 'dave@example.test', emailVerified: true });
    const { status, body } = await service.as.dave('PATCH', '/me', { name: 'David  D.', avatarUrl: '/avatars/d.png' });
    expect([status, body]).toEqual([200, { ...before, name: 'David D.', avatarUrl: '/avatars/d.png' }]);
    const events = await service.events(service.ids.dave);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'user.updated',
      actor: service.ids.dave,
      conversationId: null,
      data: { user: { id: service.ids.dave, name: 'David D.', avatarUrl: '/avatars/d.png' } },
    });
  });

  it('keeps what I set when I sign in again', async () => {
    await service.as.carol('PATCH', '/me', { name: 'Caro' });
    const answer = await service.bff('PUT', `/internal/users/${service.ids.carol}`, {
      ...service.profileOf('carol'),
      avatarUrl: '/new.png',
    });
    expect(answer.body).toMatchObject({ name: 'Caro', avatarUrl: '/new.png' });
  });

  it.each([{}, { name: ' ' }, { name: null }, { email: 'x@y.z' }, { avatarUrl: 'http://x/y' }, { id: 'x' }])(
    'refuses %j',
    async (body) => {
      expect((await service.as.dave('PATCH', '/me', body)).body.code).toBe('invalid');
    },
  );
});

describe('PUT /internal/users/:id', () => {
  it('makes a profile once and tells only of what others see', async () => {
    const id = crypto.randomUUID();
    const profile = { name: 'New Person', email: 'new@example.test', emailVerified: true, avatarUrl: null };
    const first = await service.bff('PUT', `/internal/users/${id}`, profile);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ id, name: 'New Person', email: 'new@example.test', emailVerified: true });
    expect((await service.bff('PUT', `/internal/users/${id}`, profile)).body).toEqual(first.body);
    await service.bff('PUT', `/internal/users/${id}`, { ...profile, email: 'other@example.test' });
    expect(await service.events(id)).toEqual([]);
    await service.bff('PUT', `/internal/users/${id}`, { ...profile, name: 'Other Name' });
    expect(await service.events(id)).toMatchObject([{ type: 'user.updated', data: { user: { name: 'Other Name' } } }]);
  });

  it('makes good an address by which its person is no longer found', async () => {
    const id = crypto.randomUUID();
    const profile = { name: 'Lost Person', email: 'lost@example.test', emailVerified: true, avatarUrl: null };
    await service.bff('PUT', `/internal/users/${id}`, profile);
    await service.sql`UPDATE users SET email_folded = NULL WHERE id = ${id}`;
    await service.bff('PUT', `/internal/users/${id}`, profile);
    expect(namesOf(await find('lost@example.test'))).toEqual(['Lost Person']);
  });

  it.each([{ email: 'a\u0000@example.test' }, { name: 'a\u0000' }, { avatarUrl: 'https://a.example/\u0000' }])(
    'refuses what the database could not hold: %j',
    async (odd) => {
      const profile = { name: 'Odd', email: null, emailVerified: false, avatarUrl: null, ...odd };
      const answer = await service.bff('PUT', `/internal/users/${crypto.randomUUID()}`, profile);
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
    },
  );

  it('is told again as it is now, and not of who has left', async () => {
    const path = `/internal/users/${crypto.randomUUID()}`;
    expect((await service.bff('GET', path)).body.code).toBe('not-found');
    const profile = { name: 'New Person', email: 'again@example.test', emailVerified: true, avatarUrl: null };
    const { body } = await service.bff('PUT', path, profile);
    expect((await service.bff('GET', path)).body).toEqual(body);
    await service.sql`UPDATE users SET deleted_at = now() WHERE id = ${body.id}`;
    expect((await service.bff('GET', path)).body.code).toBe('not-found');
  });

  it('bears ten sign-ins at once', async () => {
    const id = crypto.randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        service.bff('PUT', `/internal/users/${id}`, {
          name: `Name ${index % 2}`,
          email: null,
          emailVerified: false,
          avatarUrl: null,
        }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
  });
});
