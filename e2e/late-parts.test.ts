import { afterAll, beforeAll, beforeEach, describe, it } from 'bun:test';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { createConversation, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  const annsHand = await signIn(stack.url, 'ann');
  for (const name of ['Harbour crew', 'Night watch']) await createConversation(annsHand, name);
  ann = await createActor(browser, stack.url, 'ann');
  await ann.signIn();
}, 120_000);
// What was loaded before is there.
beforeEach(async () => {
  await ann.page.goto(stack.url);
}, 30_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** While `act` runs a file of the page cannot be loaded. */
const without = async (file: string, act: () => Promise<void>) => {
  const files = `**/assets/${file}-*.js`;
  await ann.page.route(files, (route) => route.abort());
  await act();
  await ann.page.unroute(files);
};
const notice = () => ann.page.locator('.notice').filter({ hasText: 'This part of the page cannot be shown.' });

describe('a part of the page that cannot be loaded', () => {
  it('says so where it is a dialog, leaves the keys alone, and comes when it is asked for again', async () => {
    const { page } = ann;
    await ann.open('Harbour crew');
    const openSettings = async () => {
      await page.getByRole('button', { name: 'Conversation menu' }).click();
      await page.getByRole('button', { name: 'Settings', exact: true }).click();
    };
    await without('settings-dialog', async () => {
      await openSettings();
      await notice().getByRole('button', { name: 'Reload' }).waitFor();
      await page.keyboard.press('Alt+ArrowDown');
      await page.getByRole('heading', { name: 'Night watch' }).waitFor();
      await page.getByRole('heading', { name: 'Night watch' }).click();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
      await page.keyboard.press('Escape');
    });
    await openSettings();
    await page
      .getByRole('dialog')
      .getByRole('switch', { name: /^Pinned/ })
      .waitFor();
  }, 60_000);

  it('says so where it is the choice of reactions', async () => {
    const { page } = ann;
    await ann.open('Harbour crew');
    await ann.say('Ebb at noon');
    await ann.message('Ebb at noon').waitFor();
    await without('emoji-picker', async () => {
      await ann.act('Ebb at noon', 'React');
      await notice().waitFor();
    });
    await ann.act('Ebb at noon', 'React');
    await page.getByRole('group', { name: 'Pick a reaction' }).waitFor();
  }, 60_000);

  it('says so in place of an invitation', async () => {
    const { page } = ann;
    await without('invite-page', async () => {
      await page.goto(`${stack.url}/invite/x`);
      await page.getByRole('main').getByText('This part of the page cannot be shown.').waitFor();
    });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'There is no such invitation' }).waitFor();
  }, 60_000);

  it('says so in place of all', async () => {
    const { page } = ann;
    await without('shell', async () => {
      await page.goto(stack.url);
      await page.getByRole('main').getByText('This part of the page cannot be shown.').waitFor();
    });
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('list', { name: 'Conversations' }).waitFor();
  }, 60_000);
});
