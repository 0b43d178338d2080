import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser, Locator } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Actor;
let bob: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  ann = await createActor(browser, stack.url, 'ann');
  bob = await createActor(browser, stack.url, 'bob');
  await ann.signIn();
  await bob.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** One pixel, of two colours. */
const pictures = {
  first: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  second: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
};
const pickPicture = async (dialog: Locator, which: keyof typeof pictures) =>
  await dialog.getByLabel('Picture').setInputFiles({
    name: 'crew.png',
    mimeType: 'image/png',
    buffer: Buffer.from(pictures[which], 'base64'),
  });
/** Waits until the picture is there and not only asked for. */
const loaded = async (picture: Locator) => {
  await picture.waitFor();
  await eventually(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth === 192));
};
/** What the client adds to each request, and the browser to those of its pages. */
const asked = { 'X-CSRF': '1', 'Sec-Fetch-Site': 'same-origin' };
const openSettings = async ({ page }: Actor, name: string) => {
  await page.getByRole('button', { name: 'Conversation menu' }).click();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const dialog = page.getByRole('dialog', { name });
  await dialog.waitFor();
  return dialog;
};

describe('journey: create a conversation and invite', () => {
  it('shows the invitation at once, and both are in the conversation after Join', async () => {
    await ann.createConversation('Harbour crew');
    await ann.invite('Bob');
    const card = bob.page.getByRole('article', { name: /Ann invites you to Harbour crew/ });
    await card.waitFor();
    await bob.answerInvitation('Harbour crew', 'Join');
    await bob.page.getByRole('heading', { name: 'Harbour crew' }).waitFor();
    await bob.composer().waitFor();
    await ann.page.getByRole('log', { name: 'Messages' }).getByText('Bob joined.').waitFor();
    await ann.page.getByText('2 members').first().waitFor();
  }, 60_000);

  it('lets the invited person decline, and a plain member invite nobody', async () => {
    await ann.createConversation('Night watch');
    await ann.invite('Bob');
    await bob.answerInvitation('Night watch', 'Decline');
    await bob.page.reload();
    await bob.page.getByRole('list', { name: 'Conversations' }).waitFor();
    expect(await bob.page.getByRole('list', { name: 'Conversations' }).getByText('Night watch').count()).toBe(0);
    await bob.open('Harbour crew');
    expect(await bob.page.getByRole('button', { name: 'Invite', exact: true }).count()).toBe(0);
  }, 60_000);

  it('has a picture and a topic from the beginning; a change of the picture shows in every open window', async () => {
    await ann.page.getByRole('button', { name: 'New conversation' }).first().click();
    const dialog = ann.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Lighthouse');
    await dialog.getByRole('textbox', { name: 'Topic' }).fill('Lamps and lenses');
    await pickPicture(dialog, 'first');
    await dialog.locator('.avatar img').waitFor();
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await ann.page.locator('.room-head').getByText('Lamps and lenses').waitFor();
    await loaded(ann.page.locator('.room-picture img'));
    await ann.invite('Bob');
    await bob.page.getByRole('button', { name: 'Lighthouse', exact: true }).click();
    const preview = bob.page.getByRole('dialog');
    await loaded(preview.locator('.avatar[data-kind=group] img'));
    await preview.getByRole('button', { name: 'Join', exact: true }).click();
    const inList = bob.page.getByRole('list', { name: 'Conversations' }).getByRole('link', { name: /Lighthouse/ });
    const picture = inList.locator('.avatar img');
    await loaded(picture);
    const before = (await picture.getAttribute('src')) ?? '';
    const settings = await openSettings(ann, 'Lighthouse');
    await pickPicture(settings, 'second');
    await inList.locator(`.avatar img:not([src="${before}"])`).waitFor();
    await loaded(picture);
    await settings.getByRole('button', { name: 'Remove', exact: true }).click();
    await picture.waitFor({ state: 'detached' });
    await ann.page.keyboard.press('Escape');
  }, 60_000);

  it('lets a person block another member, and take that back', async () => {
    await ann.open('Lighthouse');
    const press = async (person: string, act: string) => {
      await ann.page.getByRole('button', { name: `What to do with ${person}` }).click();
      await ann.page.getByRole('button', { name: act, exact: true }).click();
    };
    await press('Bob', 'Block');
    await ann.page.getByText('Bob can no longer invite you.').waitFor();
    const blocked = await ann.page.request.get(`${stack.url}/api/conversations/me/blocks`, { headers: asked });
    expect((await blocked.json()).items).toMatchObject([{ user: { name: 'Bob' } }]);
    await ann.page.getByRole('button', { name: 'Undo' }).click();
    await eventually(async () => {
      const left = await ann.page.request.get(`${stack.url}/api/conversations/me/blocks`, { headers: asked });
      return (await left.json()).items.length === 0;
    });
  }, 60_000);

  it('lets a member leave, and says so to those who stay', async () => {
    await ann.open('Harbour crew');
    await bob.open('Harbour crew');
    await bob.page.getByRole('button', { name: 'Conversation menu' }).click();
    await bob.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
    await bob.page.getByRole('list', { name: 'Conversations' }).getByText('Harbour crew').waitFor({ state: 'hidden' });
    await ann.page.getByRole('log', { name: 'Messages' }).getByText('Bob left.').waitFor();
  }, 60_000);

  it('broke no content security policy', () => {
    expect([...ann.faults, ...bob.faults]).toEqual([]);
  });
});
