/**
 * Makes the pictures of `docs/images/` from the running product: `bun e2e/screenshots.ts`.
 * The same scene every time: four people talk about a harbour, Ann looks at it.
 */
import { join } from 'node:path';
import type { Sent } from '@chatapp/contract/http-messages';
import type { Invitation } from '@chatapp/contract/shapes';
import { browser as launch } from '../dev/testing/browser.ts';
import { okOf, openSocket } from '../dev/testing/chat-socket.ts';
import {
  conversationOf,
  createConversation,
  expectStatus,
  invite,
  type Person,
  signIn,
} from '../dev/testing/person.ts';
import { testStack } from '../dev/testing/stack.ts';
import { type Actor, type ActorOptions, createActor } from './actor.ts';

type Posted = { conversationId: string; seq: number };

const images = join(import.meta.dir, '../docs/images');

const post = async (sender: Person, conversationId: string, body: string, replyTo?: number): Promise<Posted> => {
  const path = `/api/messages/conversations/${conversationId}/messages`;
  const message = { clientId: crypto.randomUUID(), body, ...(replyTo === undefined ? {} : { replyTo }) };
  const { body: sent } = await sender.call<Sent>('POST', path, message);
  return { conversationId, seq: sent.seq };
};
const react = (person: Person, { conversationId, seq }: Posted, emoji: string) =>
  person.call(
    'PUT',
    `/api/messages/conversations/${conversationId}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`,
  );

const setScene = async (url: string) => {
  const people = await Promise.all(['ann', 'bob', 'carol', 'dave', 'eve'].map((login) => signIn(url, login)));
  const [ann, bob, carol, dave, eve] = people as [Person, Person, Person, Person, Person];
  const regatta = await conversationOf('Summer regatta', ann, carol);
  const repairs = await conversationOf('Repairs', dave, ann);
  const harbour = await conversationOf('Harbour crew', ann, bob, carol, dave);
  const topic = { topic: 'Berths, tides and who has the keys' };
  await ann.call('PATCH', `/api/conversations/conversations/${harbour.id}`, topic);
  await invite(carol, (await createConversation(carol, 'Night watch')).id, ann.userId);
  await post(carol, regatta.id, 'The list of boats is complete.');
  await post(dave, repairs.id, 'The old pump is out.');
  await post(dave, repairs.id, 'The new pump arrived.');

  await post(
    bob,
    harbour.id,
    'Morning. The forecast moved: gusts from the west after four, so we should shift the two small boats to the inner berths.',
  );
  const offer = await post(
    bob,
    harbour.id,
    `I can do the first one if someone has the key to the boom. <@${ann.userId}>`,
  );
  await Promise.all([ann, carol, dave].map((person) => react(person, offer, '👍')));
  await react(dave, offer, '⚓');
  const key = await post(carol, harbour.id, 'Key is in the office, first hook.', offer.seq);
  const edit = { body: 'Key is in the office, second hook.' };
  await carol.call('PATCH', `/api/messages/conversations/${harbour.id}/messages/${key.seq}`, edit);
  await post(dave, harbour.id, 'Pump for berth 7 is here. Run `tide --week` before you book the crane, please.');
  await post(ann, harbour.id, 'I take the second boat. Tide table is in the channel description now.');
  await post(ann, harbour.id, 'And I will bring the long fenders.');
  const links = `/api/conversations/conversations/${regatta.id}/invitations`;
  const link = expectStatus(await ann.call<Invitation>('POST', links, { link: true }), 201).body;
  return { watchers: [bob, carol, eve], harbour, invitation: link.url ?? '' };
};

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
/** What is open when the picture is taken. */
const views = {
  list: async () => undefined,
  room: async (ann: Actor) => {
    await ann.open('Harbour crew');
    await ann.message('And I will bring the long fenders.').waitFor();
  },
  invite: async (ann: Actor) => {
    await ann.open('Harbour crew');
    const dialog = await ann.openInvite('Link');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await dialog.getByRole('img').waitFor();
  },
  account: async (ann: Actor) => {
    await ann.open('Harbour crew');
    await ann.page.getByRole('button', { name: 'Account of Ann' }).click();
    await ann.page.getByRole('button', { name: 'Your account' }).click();
    await ann.page.getByText('This browser, now').waitFor();
  },
  invitation: async (dave: Actor, url: string) => {
    await dave.page.goto(url);
    await dave.page.getByText('Ann invites you.').waitFor();
  },
} as const;
type View = keyof typeof views;
const shots: [name: string, options: ActorOptions, view: View][] = [
  ['desktop-light', { viewport: desktop, colorScheme: 'light' }, 'room'],
  ['desktop-dark', { viewport: desktop, colorScheme: 'dark' }, 'room'],
  ['phone-light', { viewport: phone, colorScheme: 'light', isMobile: true }, 'room'],
  ['phone-dark', { viewport: phone, colorScheme: 'dark', isMobile: true }, 'room'],
  ['phone-list', { viewport: phone, colorScheme: 'light', isMobile: true }, 'list'],
  ['invite-light', { viewport: desktop, colorScheme: 'light' }, 'invite'],
  ['account-dark', { viewport: desktop, colorScheme: 'dark' }, 'account'],
  ['invitation-phone', { viewport: phone, colorScheme: 'light', isMobile: true }, 'invitation'],
];

const stack = await testStack();
const browser = await launch();
try {
  const { watchers, harbour, invitation } = await setScene(stack.url);
  // The others are online while the pictures are taken.
  const sockets = await Promise.all(watchers.map((person) => openSocket(person)));
  for (const socket of sockets) okOf(await socket.request('resume', { conversations: [] }));
  for (const [name, options, view] of shots) {
    const actor = await createActor(browser, stack.url, view === 'invitation' ? 'dave' : 'ann', options);
    await actor.signIn();
    await views[view](actor, invitation);
    if (view === 'room')
      await sockets[1]?.request('typing', { conversationId: harbour.id, on: true }, 50).catch(() => undefined);
    await actor.page.waitForTimeout(600);
    await actor.page.screenshot({ path: join(images, `${name}.png`) });
    await actor.context.close();
    console.log(`docs/images/${name}.png`);
  }
  for (const socket of sockets) socket.close();
} finally {
  await browser.close();
  await stack.stop();
}
process.exit(0);
