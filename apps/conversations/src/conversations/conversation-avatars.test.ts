import { describe, expect, it } from 'bun:test';
import type { Login } from '../../testing/service.ts';
import { serviceForFile } from '../../testing/service-for-file.ts';
import { createTransact } from '../database.ts';
import { eraseConversation } from './erasure-store.ts';

const service = serviceForFile();

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]);
const padded = (bytes: number) => Buffer.concat([png, Buffer.alloc(bytes - png.length)]);

const ask = async (
  login: Login,
  path: string,
  init: { headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer>; method?: string } = {},
) =>
  await service.app.handle(
    new Request(`http://localhost${path}`, {
      ...init,
      headers: { authorization: `Bearer ${service.tokens[login]}`, ...init.headers },
    }),
  );
const put = async (login: Login, id: string, bytes: Uint8Array, type: string) =>
  await ask(login, `/conversations/${id}/avatar`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body: new Uint8Array(bytes),
  });
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;
/** The path of the picture that was set, as the service sees it. */
const set = async (login: Login, id: string, bytes: Uint8Array = png, type = 'image/png'): Promise<string> => {
  const answer = await put(login, id, bytes, type);
  expect(answer.status).toBe(200);
  const { avatarUrl } = (await answer.json()) as { avatarUrl: string };
  return avatarUrl.replace('/api/conversations', '');
};

describe('PUT /conversations/:id/avatar', () => {
  it('gives the conversation a picture that its members see, and says so', async () => {
    const id = await service.group({ bob: 'admin', carol: 'member' });
    const path = await set('bob', id);
    expect(path).toMatch(new RegExp(`^/conversations/${id}/avatar\\?v=[A-Za-z0-9_-]{43}$`));
    const shown = await ask('carol', path);
    expect(shown.status).toBe(200);
    expect(new Uint8Array(await shown.arrayBuffer())).toEqual(new Uint8Array(png));
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const avatarUrl = `/api/conversations${path}`;
    expect((await service.as.carol('GET', `/conversations/${id}`)).body.avatarUrl).toBe(avatarUrl);
    expect((await service.events(id)).at(-1)).toMatchObject({ type: 'conversation.updated', data: { avatarUrl } });
    const audit = await service.as.ann('GET', `/conversations/${id}/audit`);
    expect(audit.body.items[0]).toMatchObject({ act: 'conversation.updated', actor: { id: service.ids.bob } });
  });

  it('has a new address for each picture; members find the present one without', async () => {
    const id = await service.group({ bob: 'member' });
    const first = await set('ann', id);
    const second = await set('ann', id, jpeg, 'image/jpeg');
    expect(second).not.toBe(first);
    const bare = await ask('bob', `/conversations/${id}/avatar`);
    expect([bare.headers.get('content-type'), bare.headers.get('cache-control')]).toEqual([
      'image/jpeg',
      'private, no-cache',
    ]);
    const etag = bare.headers.get('etag') ?? '';
    expect((await ask('bob', `/conversations/${id}/avatar`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await ask('bob', first)).headers.get('cache-control')).toBe('private, no-cache');
  });

  it.each([
    ['image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['image/png', Buffer.from('<html><script>alert(1)</script>')],
    ['image/png', jpeg],
    ['application/json', Buffer.from('{}')],
    ['image/png', Buffer.alloc(0)],
  ])('refuses as %s what is none', async (type, bytes) => {
    const id = await service.group({});
    const answer = await put('ann', id, bytes, type);
    expect([answer.status, await codeOf(answer)]).toEqual([415, 'media-type']);
    expect((await service.as.ann('GET', `/conversations/${id}`)).body.avatarUrl).toBeNull();
  });

  it('takes 64 KB and not a byte more', async () => {
    const id = await service.group({});
    expect((await put('ann', id, padded(65_536), 'image/png')).status).toBe(200);
    expect((await put('ann', id, padded(65_537), 'image/png')).status).toBe(413);
  });

  it('is for admins of a group that is not archived', async () => {
    const id = await service.group({ bob: 'admin', carol: 'member', dave: 'viewer' });
    for (const login of ['carol', 'dave'] as const) {
      expect(await codeOf(await put(login, id, png, 'image/png'))).toBe('forbidden');
    }
    expect(await codeOf(await put('eve', id, png, 'image/png'))).toBe('not-found');
    await service.as.ann('PATCH', `/conversations/${id}`, { archived: true });
    expect(await codeOf(await put('bob', id, png, 'image/png'))).toBe('conflict');
    const direct = await service.as.ann('POST', '/direct-conversations', { userId: service.ids.bob });
    expect(await codeOf(await put('ann', direct.body.id, png, 'image/png'))).toBe('forbidden');
  });

  it('goes when it is taken away, or another address is set', async () => {
    const id = await service.group({});
    for (const avatarUrl of [null, 'https://pictures.example/a.png']) {
      const path = await set('ann', id);
      expect((await service.as.ann('PATCH', `/conversations/${id}`, { avatarUrl })).body.avatarUrl).toBe(avatarUrl);
      expect((await ask('ann', path)).status).toBe(404);
      expect((await ask('ann', `/conversations/${id}/avatar`)).status).toBe(404);
    }
  });

  it('stays when the name alone changes', async () => {
    const id = await service.group({});
    const path = await set('ann', id);
    await service.as.ann('PATCH', `/conversations/${id}`, { name: 'Other' });
    expect((await ask('ann', path)).status).toBe(200);
  });

  it('is erased with the conversation', async () => {
    const id = await service.group({});
    await set('ann', id);
    await createTransact(service.db, () => {})((tx) => eraseConversation(tx, id));
    expect(await service.sql`SELECT token FROM conversation_avatars WHERE conversation_id = ${id}`).toHaveLength(0);
  });
});

describe('GET /conversations/:id/avatar', () => {
  it('shows the picture to who is invited, by the address in the invitation alone', async () => {
    const id = await service.group({});
    await set('ann', id);
    await service.as.ann('POST', `/conversations/${id}/invitations`, { userId: service.ids.eve });
    const { avatarUrl } = (await service.as.eve('GET', '/invitations')).body.items[0].conversation;
    expect((await ask('eve', avatarUrl.replace('/api/conversations', ''))).status).toBe(200);
    expect((await ask('eve', `/conversations/${id}/avatar`)).status).toBe(404);
    expect((await ask('eve', `/conversations/${id}/avatar?v=x`)).status).toBe(404);
  });

  it('shows it to who has a link', async () => {
    const id = await service.group({});
    await set('ann', id);
    const { url } = (await service.as.ann('POST', `/conversations/${id}/invitations`, { link: true })).body;
    const preview = await service.as.dave('GET', `/invitations/token/${url.split('/').at(-1)}`);
    const path = preview.body.conversation.avatarUrl.replace('/api/conversations', '');
    expect((await ask('dave', path)).status).toBe(200);
  });

  it('hides a new picture from who was removed', async () => {
    const id = await service.group({ bob: 'member' });
    const before = await set('ann', id);
    await service.as.ann('DELETE', `/conversations/${id}/members/${service.ids.bob}`);
    await set('ann', id, jpeg, 'image/jpeg');
    for (const path of [before, `/conversations/${id}/avatar`]) expect((await ask('bob', path)).status).toBe(404);
  });

  it("is the owner's alone in the period of grace", async () => {
    const id = await service.group({ bob: 'admin' });
    const path = await set('ann', id);
    await service.as.ann('DELETE', `/conversations/${id}`);
    expect((await ask('bob', path)).status).toBe(404);
    expect((await ask('eve', path)).status).toBe(404);
    expect((await ask('ann', path)).status).toBe(200);
  });
});
