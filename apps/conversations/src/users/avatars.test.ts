import { beforeAll, describe, expect, it } from 'bun:test';
import type { Login } from '../../testing/service.ts';
import { serviceForFile } from '../../testing/service-for-file.ts';
import { pictureTypeOf } from '../picture.ts';

const service = serviceForFile();
const tokens = new Map<Login, string>();
beforeAll(async () => {
  for (const login of ['ann', 'bob'] as const) tokens.set(login, await service.issuer.personToken(login));
}, 60_000);

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const webp = Buffer.from('RIFF\u0010\0\0\0WEBPVP8L', 'latin1');
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]);

const send = async (login: Login, bytes: Uint8Array, type: string) =>
  await service.app.handle(
    new Request('http://localhost/me/avatar', {
      method: 'PUT',
      headers: { authorization: `Bearer ${tokens.get(login)}`, 'content-type': type },
      body: new Uint8Array(bytes),
    }),
  );
const get = async (login: Login, path: string, headers: Record<string, string> = {}) =>
  await service.app.handle(
    new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${tokens.get(login)}`, ...headers } }),
  );
const withoutPrefix = (url: string) => url.replace('/api/conversations', '');

describe('PUT /me/avatar', () => {
  it.each([
    ['image/png', png],
    ['image/jpeg', jpeg],
    ['image/webp', webp],
  ] as const)('takes %s, and others see it', async (type, bytes) => {
    const answer = await send('ann', bytes, type);
    expect(answer.status).toBe(200);
    const { avatarUrl } = (await answer.json()) as { avatarUrl: string };
    expect(avatarUrl).toMatch(new RegExp(`^/api/conversations/users/${service.ids.ann}/avatar\\?v=[0-9a-f]{16}$`));
    const shown = await get('bob', withoutPrefix(avatarUrl));
    expect(shown.status).toBe(200);
    expect(new Uint8Array(await shown.arrayBuffer())).toEqual(new Uint8Array(bytes));
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': type,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const people = await service.as.bob('GET', `/users?ids=${service.ids.ann}`);
    expect(people.body.items[0].avatarUrl).toBe(avatarUrl);
    expect((await service.events(service.ids.ann)).at(-1)).toMatchObject({
      type: 'user.updated',
      data: { user: { avatarUrl } },
    });
  });

  it('keeps only the present address for ever', async () => {
    await send('ann', png, 'image/png');
    const path = `/users/${service.ids.ann}/avatar`;
    const bare = await get('bob', path);
    expect(bare.headers.get('cache-control')).toBe('private, no-cache');
    const etag = bare.headers.get('etag') ?? '';
    expect((await get('bob', path, { 'if-none-match': etag })).status).toBe(304);
    expect((await get('bob', `${path}?v=other`)).headers.get('cache-control')).toBe('private, no-cache');
  });

  it.each([
    ['image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['image/png', Buffer.from('<html><script>alert(1)</script>')],
    ['image/png', jpeg],
    ['text/html', png],
    ['application/json', Buffer.from('{}')],
    ['image/png', Buffer.alloc(0)],
  ])('refuses as %s what is none', async (type, bytes) => {
    const answer = await send('bob', bytes, type);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([415, 'media-type']);
    expect((await service.as.bob('GET', '/me')).body.avatarUrl).toBeNull();
  });

  it('takes 64 KB and not a byte more', async () => {
    const padded = (bytes: number) => Buffer.concat([png, Buffer.alloc(bytes - png.length)]);
    expect((await send('bob', padded(65_536), 'image/png')).status).toBe(200);
    expect((await send('bob', padded(65_537), 'image/png')).status).toBe(413);
  });

  it('goes when another picture is set', async () => {
    await send('bob', png, 'image/png');
    expect((await service.as.bob('PATCH', '/me', { avatarUrl: null })).body.avatarUrl).toBeNull();
    expect((await get('ann', `/users/${service.ids.bob}/avatar`)).status).toBe(404);
  });
});

describe('pictureTypeOf', () => {
  it('looks at the whole mark', () => {
    expect(pictureTypeOf(Buffer.from('RIFF\u0010\0\0\0WAVEfmt ', 'latin1'))).toBeUndefined();
    expect(pictureTypeOf(png.subarray(0, 7))).toBeUndefined();
    expect(pictureTypeOf(webp.subarray(0, 11))).toBeUndefined();
  });
});
