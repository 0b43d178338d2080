// Runs alone: it holds what others see of memberships to a second.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Conversation } from '@chatapp/contract/shapes';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { conversationOf, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor, soon } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Actor;
let bob: Actor;
let hands: Record<'ann' | 'bob' | 'carol' | 'dave', Person>;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack({ replicas: 2 }), launch()]);
  const [annsHand, bobsHand, carolsHand, davesHand] = [
    await signIn(stack.url, 'ann'),
    await signIn(stack.url, 'bob'),
    await signIn(stack.url, 'carol'),
    await signIn(stack.url, 'dave'),
  ];
  hands = { ann: annsHand, bob: bobsHand, carol: carolsHand, dave: davesHand };
  ann = await createActor(browser, stack.url, 'ann');
  bob = await createActor(browser, stack.url, 'bob');
  await ann.signIn();
  await bob.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** A conversation of all four that ann owns, open in both windows. */
const open = async (name: string): Promise<Conversation> => {
  const conversation = await conversationOf(name, hands.ann, hands.bob, hands.carol, hands.dave);
  for (const actor of [ann, bob]) await actor.open(name);
  return conversation;
};
const list = ({ page }: Actor) => page.getByRole('list', { name: 'Conversations' });
const members = ({ page }: Actor) => page.getByRole('complementary', { name: /members?$/ });
/** Picks an action of what one can do with a member. */
const act = async ({ page }: Actor, person: string, action: string | RegExp) => {
  await page.getByRole('button', { name: `What to do with ${person}` }).click();
  await page.getByRole('button', { name: action, exact: true }).click();
};
const confirm = async ({ page }: Actor, answer: string) => {
  await page.getByRole('dialog').getByRole('button', { name: answer, exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
};
const undo = ({ page }: Actor, what: string) =>
  page.locator('.notice').filter({ hasText: what }).getByRole('button', { name: 'Undo' }).click();
const openSettings = async ({ page }: Actor) => {
  await page.getByRole('button', { name: 'Conversation menu' }).click();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  return page.getByRole('dialog');
};

describe('members', () => {
  it('are given roles, and the one before back', async () => {
    await open('Roles');
    await act(ann, 'Bob', 'Admin');
    await bob.page.getByRole('button', { name: 'Invite', exact: true }).waitFor();
    await members(bob).getByText('admin').waitFor();
    await undo(ann, 'Bob is an admin now.');
    await bob.page.getByRole('button', { name: 'Invite', exact: true }).waitFor({ state: 'detached' });
    await act(ann, 'Bob', /^Viewer/);
    await bob.page.getByText('You can read here. Writing is for members.').waitFor();
  }, 60_000);

  it('are offered only what their role allows', async () => {
    await open('Offers');
    await bob.page.getByRole('button', { name: 'What to do with Carol' }).click();
    await bob.page.getByRole('button', { name: 'Message', exact: true }).waitFor();
    for (const action of ['Remove', 'Ban', 'Admin']) {
      expect(await bob.page.getByRole('button', { name: action, exact: true }).count()).toBe(0);
    }
    await bob.page.getByRole('button', { name: 'Message', exact: true }).click();
    await bob.page.getByRole('heading', { name: 'Carol' }).waitFor();
    await bob.say('Are you on the pier?');
    await bob.message('Are you on the pier?').waitFor();
  }, 60_000);

  it('are banned, and kept out until the ban is lifted', async () => {
    const { id } = await open('Bans');
    await act(ann, 'Bob', 'Ban');
    await confirm(ann, 'Ban');
    await soon(bob.page.getByText('You are no longer a member of Bans.'));
    await soon(list(bob).getByText('Bans'), 'hidden');
    await members(ann).getByText('1 person banned').click();
    await ann.page.getByRole('button', { name: 'Lift the ban of Bob' }).click();
    await members(ann).getByText('1 person banned').waitFor({ state: 'hidden' });
    const invited = { userId: hands.bob.userId };
    expectStatus(await hands.ann.call('POST', `/api/conversations/conversations/${id}/invitations`, invited), 201);
    await bob.answerInvitation('Bans', 'Join');
    await bob.page.getByRole('heading', { name: 'Bans' }).waitFor();
  }, 60_000);

  it('ask to join, and are let in', async () => {
    const { id } = await open('Open door');
    const path = `/api/conversations/conversations/${id}`;
    expectStatus(await hands.ann.call('DELETE', `${path}/members/${hands.bob.userId}`), 204);
    await bob.page.getByText('This conversation is not here').waitFor();
    const dialog = await openSettings(ann);
    await dialog.getByRole('switch', { name: /^People may ask to join/ }).check();
    const address = await dialog.getByRole('textbox', { name: 'Address of the conversation' }).inputValue();
    await ann.page.keyboard.press('Escape');
    await bob.page.goto(address);
    await bob.page.getByRole('button', { name: 'Ask to join' }).click();
    await bob.page.getByText('You asked to join.').waitFor();
    const request = ann.page.getByRole('article', { name: 'Bob asks to join' });
    await request.getByRole('button', { name: 'Let in' }).click();
    await bob.page.getByRole('heading', { name: 'Open door' }).waitFor();
    await request.waitFor({ state: 'hidden' });
  }, 60_000);
});

describe('the end', () => {
  it('comes for a member who leaves: on their other device and for the others at once', async () => {
    await open('Ebb');
    const device = await createActor(browser, stack.url, 'bob');
    await device.signIn();
    await device.open('Ebb');
    await members(ann).getByText('Bob').waitFor();
    await bob.page.getByRole('button', { name: 'Conversation menu' }).click();
    await bob.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
    await Promise.all([
      soon(list(device).getByText('Ebb'), 'hidden'),
      soon(device.page.getByText('You are no longer a member of Ebb.')),
      soon(members(ann).getByText('Bob'), 'hidden'),
      soon(ann.page.getByRole('log', { name: 'Messages' }).getByText('Bob left.')),
    ]);
    await list(bob).getByText('Ebb').waitFor({ state: 'hidden' });
    // What is said from now on reaches neither of the windows.
    await ann.say('Only for who stayed.');
    await ann.message('Only for who stayed.').waitFor();
    for (const window of [bob, device]) expect(await window.page.content()).not.toContain('Only for who stayed.');
    await device.context.close();
  }, 60_000);

  it('comes for an owner who leaves after handing over', async () => {
    await open('Hand over');
    await ann.page.getByRole('button', { name: 'Conversation menu' }).click();
    await ann.page.getByRole('button', { name: 'Leave', exact: true }).click();
    const dialog = ann.page.getByRole('dialog', { name: 'Hand over Hand over' });
    await dialog.getByRole('radio', { name: 'Bob' }).check();
    await dialog.getByRole('button', { name: 'Hand over and leave' }).click();
    await list(ann).getByText('Hand over').waitFor({ state: 'hidden' });
    await soon(bob.page.getByRole('log', { name: 'Messages' }).getByText('Ann left.'));
    await soon(members(bob).getByRole('listitem').filter({ hasText: 'Bob' }).getByText('owner'));
    await soon(members(bob).getByText('Ann'), 'hidden');
  }, 60_000);

  it('comes for all when the owner deletes it, and is undone', async () => {
    await open('Deleted and back');
    await ann.say('Keep this.');
    await bob.message('Keep this.').waitFor();
    await (await openSettings(ann)).getByRole('button', { name: 'Delete', exact: true }).click();
    await confirm(ann, 'Delete');
    await soon(list(bob).getByText('Deleted and back'), 'hidden');
    await list(ann).getByText('Deleted and back').waitFor({ state: 'hidden' });
    await undo(ann, 'Deleted and back is deleted.');
    await ann.message('Keep this.').waitFor();
    await soon(list(bob).getByText('Deleted and back'));
    await bob.open('Deleted and back');
    await bob.message('Keep this.').waitFor();
    await ann.say('And this.');
    await soon(bob.message('And this.'));
  }, 60_000);

  it('can still be undone from the list after a reload', async () => {
    await open('From the list');
    await (await openSettings(ann)).getByRole('button', { name: 'Delete', exact: true }).click();
    await confirm(ann, 'Delete');
    await ann.page.reload();
    await ann.page.locator('summary').filter({ hasText: 'Deleted' }).click();
    await ann.page.getByRole('link').filter({ hasText: 'From the list' }).click();
    await ann.page.getByText('From the list is deleted').waitFor();
    await ann.page.getByRole('button', { name: 'Restore' }).click();
    await ann.composer().waitFor();
  }, 60_000);

  it('is only a rest when it is archived', async () => {
    await open('Resting');
    await (await openSettings(ann)).getByRole('button', { name: 'Archive', exact: true }).click();
    await bob.page.getByText('This conversation is archived.').waitFor();
    await undo(ann, 'Resting is archived.');
    await bob.composer().waitFor();
  }, 60_000);
});

describe('settings', () => {
  it('show who has read the last message, where an admin wants that', async () => {
    await open('Receipts');
    const dialog = await openSettings(ann);
    await dialog.getByRole('switch', { name: /^Show who has read/ }).check();
    await ann.page.keyboard.press('Escape');
    await ann.say('Who is here?');
    await bob.message('Who is here?').waitFor();
    // Reading is looking at it.
    await bob.page.bringToFront();
    await bob.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await ann.page.getByText('Read by Bob.').waitFor();
  }, 60_000);

  it('rename for everybody, and pin and mute for one', async () => {
    await open('Old name');
    const dialog = await openSettings(ann);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('New name');
    await dialog.getByRole('textbox', { name: 'Topic' }).fill('What is new');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await bob.page.getByRole('heading', { name: 'New name' }).waitFor();
    await bob.page.getByText('What is new').waitFor();
    await dialog.getByRole('switch', { name: /^Pinned/ }).check();
    await dialog.getByRole('switch', { name: /^Muted/ }).check();
    await ann.page.keyboard.press('Escape');
    await list(ann).getByRole('link').first().getByText('New name', { exact: true }).waitFor();
    await list(ann).getByRole('link').filter({ hasText: 'New name' }).getByText('muted').waitFor({ state: 'attached' });
    expect(await list(bob).getByText('muted').count()).toBe(0);
  }, 60_000);

  it('broke no content security policy', () => {
    expect([...ann.faults, ...bob.faults]).toEqual([]);
  });
});
