import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import type { Browser, Locator } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { conversationOf, createConversation, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Actor;
let person: Person;
let bob: Person;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  person = await signIn(stack.url, 'ann');
  bob = await signIn(stack.url, 'bob');
  for (const name of ['Night watch', 'Harbour crew']) await createConversation(person, name);
  ann = await createActor(browser, stack.url, 'ann');
  await ann.signIn();
}, 120_000);
beforeEach(async () => {
  await ann.page.goto(stack.url);
  await ann.open('Harbour crew');
}, 30_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const openSettings = async () => {
  await ann.page.getByRole('button', { name: 'Conversation menu' }).click();
  await ann.page.getByRole('button', { name: 'Settings', exact: true }).click();
  const dialog = ann.page.getByRole('dialog');
  await dialog.waitFor();
  return dialog;
};

const mySettings = '**/conversations/*/me';
const refuseSettings = () =>
  ann.page.route(mySettings, (route) =>
    route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"code":"forbidden"}' }),
  );

describe('a dialog', () => {
  it('stands below the notice that something in it failed', async () => {
    await refuseSettings();
    const dialog = await openSettings();
    await dialog.getByRole('switch', { name: /^Pinned/ }).click();
    const notice = ann.page.locator('.notice');
    await notice.waitFor();
    const isOnTop = await notice.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    expect(isOnTop).toBe(true);
    expect(await ann.page.locator('.notices').count()).toBe(1);
    await ann.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await ann.page.locator('.notice').count()).toBe(1);
    await ann.page.unroute(mySettings);
  }, 60_000);

  it('goes back to what the server holds when another choice was not saved', async () => {
    await refuseSettings();
    const dialog = await openSettings();
    await dialog.getByRole('radio', { name: 'Nothing' }).click();
    await ann.page.locator('.notice').waitFor();
    await dialog.getByRole('radio', { name: 'All messages', checked: true }).waitFor();
    await ann.page.unroute(mySettings);
  }, 60_000);

  it('stays when text is marked in it and the mouse is let go outside, and closes on a click there', async () => {
    await ann.page.getByRole('button', { name: 'New conversation' }).first().click();
    const dialog = ann.page.getByRole('dialog');
    const field = dialog.getByRole('textbox', { name: 'Name' });
    await field.fill('Night watch');
    const { x, y, height } = (await field.boundingBox()) ?? { x: 0, y: 0, height: 0 };
    await ann.page.mouse.move(x + 60, y + height / 2);
    await ann.page.mouse.down();
    await ann.page.mouse.move(20, y + height / 2, { steps: 4 });
    await ann.page.mouse.up();
    expect(await field.inputValue()).toBe('Night watch');
    await ann.page.mouse.click(20, y);
    await dialog.waitFor({ state: 'hidden' });
  }, 60_000);

  it('gives the focus back to the menu that it was opened from, each time', async () => {
    const focused: unknown[] = [];
    // What was loaded before is open at once.
    for (let time = 0; time < 3; time++) {
      const dialog = await openSettings();
      await ann.page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      focused.push(await ann.page.evaluate(() => document.activeElement?.getAttribute('aria-label')));
    }
    expect(focused).toEqual(Array(3).fill('Conversation menu'));
  }, 60_000);
});

describe('the open conversation', () => {
  it('takes its dialog along, so that the keys work again', async () => {
    const { id } = await conversationOf('Rescue', bob, person);
    await ann.open('Rescue');
    const dialog = await openSettings();
    expectStatus(await bob.call('DELETE', `/api/conversations/conversations/${id}/members/${person.userId}`), 204);
    await dialog.waitFor({ state: 'hidden' });
    await ann.page.keyboard.press('?');
    await ann.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  }, 60_000);

  it('is no longer marked as unread, also where that is known after it was opened', async () => {
    const { id } = await conversationOf('Regatta', bob, person);
    const path = `/api/messages/conversations/${id}/read`;
    const key = { 'idempotency-key': crypto.randomUUID() };
    expectStatus(await person.call('PUT', path, { markedUnread: true }, key), 200, 204);
    const heading = ann.page.getByRole('heading', { name: 'Regatta' });
    await ann.page.route('**/api/messages/unread*', async (route) => {
      await heading.waitFor();
      await route.continue();
    });
    const cleared = ann.page.waitForRequest((request) => request.postData() === '{"markedUnread":false}');
    await ann.page.goto(`${stack.url}/c/${id}`);
    await cleared;
    const row = ann.page.getByRole('link').filter({ hasText: 'Regatta' });
    await row.and(ann.page.locator(':not([data-unread])')).waitFor();
    await ann.page.unroute('**/api/messages/unread*');
  }, 60_000);
});

describe('colours that the system forces', () => {
  it('leave a switch to be seen, and what is chosen to be told', async () => {
    await ann.page.emulateMedia({ forcedColors: 'active' });
    const chosen = ann.page.getByRole('link').and(ann.page.locator('[aria-current]'));
    const others = ann.page.getByRole('link').and(ann.page.locator(':not([aria-current])'));
    const outlines = (links: Locator) =>
      links.evaluateAll((all) => all.map((one) => getComputedStyle(one).outlineStyle));
    expect(await outlines(chosen)).toEqual(['solid']);
    expect(await outlines(others)).not.toContain('solid');
    const dialog = await openSettings();
    const [border, back] = await dialog.getByRole('switch', { name: /^Muted/ }).evaluate((element) => {
      const { borderTopWidth, borderTopColor } = getComputedStyle(element);
      return [`${borderTopWidth} ${borderTopColor}`, `1px ${getComputedStyle(document.body).backgroundColor}`];
    });
    expect(border).toStartWith('1px');
    expect(border).not.toBe(back);
    await ann.page.emulateMedia({ forcedColors: null });
  }, 60_000);
});

describe('the members', () => {
  it('are said to be there by a word, too', async () => {
    await ann.page.getByRole('listitem').filter({ hasText: 'owner' }).getByText('Online').waitFor();
  }, 60_000);

  it('fold away and come back beside the messages, and stay folded in the next conversation', async () => {
    const opener = ann.page.getByRole('button', { name: /^Show \d member/ });
    const panel = ann.page.getByRole('complementary');
    const shown = async () => [await opener.getAttribute('aria-expanded'), await panel.isVisible()];
    expect(await shown()).toEqual(['true', true]);
    await opener.click();
    expect(await shown()).toEqual(['false', false]);
    await ann.open('Night watch');
    expect(await shown()).toEqual(['false', false]);
    await opener.click();
    expect(await shown()).toEqual(['true', true]);
    await ann.page.setViewportSize({ width: 900, height: 800 });
    await panel.waitFor({ state: 'hidden' });
    expect(await shown()).toEqual(['false', false]);
  }, 60_000);
});
