// Runs alone: it holds what others see of invitations to a second.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor, soon } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Actor;
let bob: Actor;
let mailsUrl: string;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack({ replicas: 2 }), launch()]);
  mailsUrl = `${(await stack.run()).issuer?.url}/mails`;
  ann = await createActor(browser, stack.url, 'ann');
  bob = await createActor(browser, stack.url, 'bob');
  await ann.signIn();
  await bob.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const members = ({ page }: Actor) => page.getByRole('complementary', { name: /members?$/ });
const log = ({ page }: Actor) => page.getByRole('log', { name: 'Messages' });
const close = async ({ page }: Actor) => {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
};
/** A window in which nobody is signed in. */
const stranger = (login: string) => createActor(browser, stack.url, login);
const makeLink = async (actor: Actor, howMany: string): Promise<string> => {
  const dialog = await actor.openInvite('Link');
  await dialog.getByRole('combobox', { name: 'How many' }).selectOption({ label: howMany });
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  await dialog.getByRole('img', { name: 'The link as a QR code' }).waitFor();
  return await dialog.getByRole('textbox', { name: 'Address of the link' }).inputValue();
};

describe('an invitation by link', () => {
  it('is followed from a signed-out window: sign in, preview, join', async () => {
    await ann.createConversation('By link');
    const url = await makeLink(ann, '5 people');
    const carol = await stranger('carol');
    await carol.page.goto(url);
    await carol.page.getByRole('heading', { name: 'You are invited' }).waitFor();
    await carol.signInHere();
    await carol.page.getByRole('heading', { name: 'By link' }).waitFor();
    await carol.page.getByText('Ann invites you. You join as a member.').waitFor();
    expect(await members(ann).getByText('Carol').count()).toBe(0);
    await carol.page.getByRole('button', { name: 'Join', exact: true }).click();
    await soon(members(ann).getByText('Carol'));
    await soon(log(ann).getByText('Carol joined.'));
    await soon(ann.page.getByText('1 of 5 joined by it'));
    await carol.composer().waitFor();
    // A second click is free, and leads in.
    await carol.page.goto(url);
    await carol.page.getByRole('button', { name: 'Open the conversation' }).click();
    await carol.page.getByRole('heading', { name: 'By link' }).first().waitFor();
    expect(carol.faults).toEqual([]);
    await carol.context.close();

    await ann.page.getByRole('button', { name: 'Take back: 1 of 5 joined by it' }).click();
    await ann.page.getByRole('region', { name: 'Links in use' }).waitFor({ state: 'hidden' });
    await bob.page.goto(url);
    await bob.page.getByRole('heading', { name: 'This invitation was taken back' }).waitFor();
    await bob.page.getByRole('button', { name: 'To your conversations' }).click();
    await close(ann);
  }, 90_000);

  it('says what is wrong with one that was used up, cut off, or is for somebody banned', async () => {
    await ann.createConversation('Refusals');
    const url = await makeLink(ann, 'One person');
    await close(ann);
    await bob.page.goto(url.slice(0, -5));
    await bob.page.getByRole('heading', { name: 'There is no such invitation' }).waitFor();
    await bob.page.goto(url);
    await bob.page.getByRole('button', { name: 'Join', exact: true }).click();
    await bob.composer().waitFor();
    const dave = await stranger('dave');
    await dave.page.goto(url);
    await dave.signInHere();
    await dave.page.getByRole('heading', { name: 'This invitation was used up' }).waitFor();
    await dave.context.close();
    await members(ann).getByText('Bob').waitFor();
    await ann.page.getByRole('button', { name: 'What to do with Bob' }).click();
    await ann.page.getByRole('button', { name: 'Ban', exact: true }).click();
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click();
    await soon(bob.page.getByText('You are no longer a member of Refusals.'));
    await bob.page.goto(url);
    await bob.page.getByRole('heading', { name: 'You are banned from this conversation' }).waitFor();
    await bob.page.getByRole('button', { name: 'To your conversations' }).click();
  }, 90_000);
});

describe('an invitation by e-mail', () => {
  it('is read from the mail page of the issuer, and works for its address only', async () => {
    await ann.createConversation('By mail');
    const dialog = await ann.openInvite('E-mail');
    await dialog.getByRole('textbox', { name: 'E-mail address' }).fill('dave@example.test');
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await dialog.getByText('A mail goes to dave@example.test.').waitFor();
    const dave = await stranger('dave');
    const mail = dave.page.getByRole('article').filter({ hasText: 'By mail' });
    await dave.page.goto(mailsUrl);
    for (const deadline = Date.now() + 15_000; (await mail.count()) === 0; await dave.page.reload()) {
      if (Date.now() > deadline) throw new Error('no mail came');
    }
    const url = (await mail.getByRole('link').getAttribute('href')) ?? '';
    await bob.page.goto(url);
    await bob.page.getByRole('heading', { name: 'This invitation is for somebody else' }).waitFor();
    await bob.page.getByRole('button', { name: 'To your conversations' }).click();

    await mail.getByRole('link').click();
    await dave.page.getByRole('heading', { name: 'You are invited' }).waitFor();
    await dave.signInHere();
    await dave.page.getByText('Ann invites you.').waitFor();
    await dave.page.getByRole('button', { name: 'Join', exact: true }).click();
    await soon(members(ann).getByText('Dave'));
    await soon(dialog.getByText('Waiting for an answer'), 'hidden');
    await dave.composer().waitFor();
    expect(dave.faults).toEqual([]);
    await dave.context.close();
    await close(ann);
  }, 90_000);
});

describe('an invitation to a person', () => {
  it('is looked at, declined, and its inviter blocked; that can be undone', async () => {
    await ann.createConversation('Quiet please');
    await ann.invite('Bob');
    const card = bob.page.getByRole('article', { name: 'Ann invites you to Quiet please' });
    await soon(card);
    const dialog = await ann.openInvite('People');
    await dialog.getByRole('button', { name: 'Take back: Bob' }).waitFor();
    await card.getByRole('button', { name: 'Quiet please' }).click();
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Decline and block Ann' }).click();
    await soon(dialog.getByRole('button', { name: 'Take back: Bob' }), 'hidden');
    await card.waitFor({ state: 'hidden' });
    await close(ann);
    await ann.invite('Bob');
    await ann.page.getByText('Bob: declined not long ago.').waitFor();

    await bob.page.getByRole('button', { name: 'Account of Bob' }).click();
    await bob.page.getByRole('button', { name: 'Your account' }).click();
    await bob.page.getByRole('button', { name: 'Unblock Ann' }).click();
    await bob.page.getByText('You blocked nobody.').waitFor();
    await close(bob);
  }, 90_000);

  it('goes from the open window when it is taken back', async () => {
    await ann.createConversation('Taken back');
    const dialog = await ann.openInvite('People');
    await dialog.getByRole('combobox', { name: 'People' }).fill('Eve');
    expect(await dialog.getByRole('option', { name: /^Bob/ }).count()).toBe(0);
    await close(ann);
    const dave = await stranger('dave');
    await dave.signIn();
    await ann.invite('Dave');
    const card = dave.page.getByRole('article', { name: 'Ann invites you to Taken back' });
    await soon(card);
    const again = await ann.openInvite('People');
    await again.getByRole('button', { name: 'Take back: Dave' }).click();
    await soon(card, 'hidden');
    await dave.context.close();
    await close(ann);
  }, 60_000);
});

describe('their pages', () => {
  it('broke no content security policy', () => {
    expect([...ann.faults, ...bob.faults]).toEqual([]);
  });
});
