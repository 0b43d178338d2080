import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { okOf, openSocket } from '../dev/testing/chat-socket.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, expectStatus, invite, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { everywhere, forgetOldEvents } from './erasure.ts';

let stack: TestStack;
let ann: Person;
beforeAll(async () => {
  // What a deleted conversation may wait for, and how long a session may lie idle, is the operator's.
  stack = await testStack({ env: { DELETE_GRACE_SECONDS: '0' } });
  ann = await signIn(stack.url, 'ann');
}, 120_000);
afterAll(() => stack?.stop());

const lot = () => `canary${crypto.randomUUID().slice(0, 8)}`;
/** One for each thing that a person writes about themselves, or that is written down of them. */
const canaries = {
  name: lot(),
  message: lot(),
  edited: lot(),
  reply: lot(),
  socket: lot(),
  mention: lot(),
  reaction: '🪿',
  avatar: lot(),
  invited: lot(),
  conversation: lot(),
  laptop: lot(),
  phone: lot(),
  // Of the issuer: `people.ts`.
  address: 'carol@example',
};

/** The smallest PNG, and behind it what somebody hid in it. */
const picture = Buffer.concat([
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
    'base64',
  ),
  Buffer.from(canaries.avatar),
]);

const conversations = '/api/conversations';
const write = async (person: Person, c: string, body: string, replyTo?: number) => {
  const path = `/api/messages/conversations/${c}/messages`;
  const sent = await person.call<{ seq: number }>('POST', path, { clientId: crypto.randomUUID(), body, replyTo });
  return expectStatus(sent, 200, 201).body.seq;
};
const key = () => ({ 'idempotency-key': crypto.randomUUID() });

/** Leaves a canary wherever a person can. */
const leaveTraces = async (carol: Person): Promise<void> => {
  expectStatus(await carol.call('PATCH', `${conversations}/me`, { name: `Carol ${canaries.name}` }), 200);
  const put = await fetch(`${stack.url}${conversations}/me/avatar`, {
    method: 'PUT',
    headers: {
      cookie: carol.cookies.header(stack.url),
      'x-csrf': '1',
      origin: stack.url,
      'content-type': 'image/png',
    },
    body: picture,
  });
  expect(put.status).toBe(200);

  const { id: shared } = await conversationOf('Pier notes', ann, carol);
  const messages = `/api/messages/conversations/${shared}/messages`;
  const first = await write(carol, shared, canaries.message);
  expectStatus(await carol.call('PATCH', `${messages}/${first}`, { body: canaries.edited }, key()), 200);
  await write(carol, shared, canaries.reply, first);
  await write(carol, shared, `${canaries.mention} <@${ann.userId}>`);
  const hers = await write(ann, shared, 'by Ann');
  expectStatus(
    await carol.call('PUT', `${messages}/${hers}/reactions/${canaries.reaction}`, undefined, key()),
    200,
    204,
  );
  const socket = await openSocket(carol);
  okOf(
    await socket.request('message.send', {
      conversationId: shared,
      clientId: crypto.randomUUID(),
      body: canaries.socket,
    }),
  );
  socket.close();

  // One of her own, whose name is hers too; invitations by her, by address and to a person, and one to her by address.
  const own = await conversationOf(canaries.conversation, carol);
  await write(carol, own.id, canaries.message);
  const invitations = `${conversations}/conversations/${own.id}/invitations`;
  expectStatus(await carol.call('POST', invitations, { email: `${canaries.invited}@example.test` }), 201);
  expectStatus(await carol.call('POST', invitations, { link: true }), 201);
  await invite(carol, own.id, ann.userId);
  const others = await conversationOf('By address', ann);
  const toHer = await ann.call('POST', `${conversations}/conversations/${others.id}/invitations`, {
    email: 'carol@example.test',
  });
  expectStatus(toHer, 201);
  expectStatus(await carol.call('PUT', `${conversations}/me/blocks/${ann.userId}`), 200, 204);

  // What is asked is not kept, and what goes wrong is.
  await carol.call('GET', `${conversations}/users?query=${canaries.name}`);
  await carol.call('POST', messages, { clientId: 'none', body: canaries.message });
  await carol.call('GET', `${conversations}/me/export`);
};

const signInWith = (userAgent: string) => signIn(stack.url, 'carol', { userAgent });

describe('a person whose account is erased', () => {
  it('S48: leaves no trace in any table of any database, any key of Redis and any log', async () => {
    const [laptop, phone] = [
      await signInWith(`Firefox ${canaries.laptop}`),
      await signInWith(`Firefox ${canaries.phone}`),
    ];
    await leaveTraces(laptop);
    const found = await everywhere(stack.dataDir, Object.values(canaries));
    // Each of them was somewhere: the search sees what is there.
    expect([...new Set(found.map(({ canary }) => canary))].sort()).toEqual(Object.values(canaries).sort());
    expect([...new Set(found.map(({ where }) => where.split(' ')[0] ?? ''))].sort()).toEqual(['redis', 'table']);

    const { logoutUrl } = (await laptop.call<SignedInUser>('GET', '/bff/user')).body;
    expectStatus(await laptop.call('DELETE', `${conversations}/me`), 204);
    // Her other devices are signed out by it; here the page signs out, as the web client does.
    expect((await phone.call('GET', '/bff/user')).status).toBe(401);
    expect((await laptop.call('GET', logoutUrl)).status).toBe(303);

    // What is left within half a minute are the events that told of her, which are kept for a day and for six (decision 0026).
    const events = ['table chatapp.conversations.outbox', 'redis events'];
    const left = async () => await everywhere(stack.dataDir, Object.values(canaries));
    await eventually(async () => (await left()).every(({ where }) => events.includes(where)), {
      ...{ timeoutMs: 40_000, intervalMs: 500 },
    }).catch(async () => expect((await left()).filter(({ where }) => !events.includes(where))).toEqual([]));
    await forgetOldEvents(stack.dataDir);
    expect(await left()).toEqual([]);

    // What is Ann's is there, and whom she speaks of is nobody.
    const page = await ann.call<{ items: { body: string }[] }>('GET', `${conversations}/users?ids=${laptop.userId}`);
    expect(page.body.items).toEqual([{ id: laptop.userId, name: 'Deleted account', avatarUrl: null }] as never);
  }, 120_000);
});
