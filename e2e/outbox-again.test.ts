import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Conversation } from '@chatapp/contract/shapes';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';
import { articleOf, composerOf, openPage, savedTexts, write } from './outbox-page.ts';

let stack: TestStack;
let browser: Browser;
let annsHand: Person;
let harbour: Conversation;
let bob: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  annsHand = await signIn(stack.url, 'ann');
  const bobsHand = await signIn(stack.url, 'bob');
  harbour = await conversationOf('Harbour crew', annsHand, bobsHand);
  await conversationOf('Repairs', annsHand, bobsHand);
  bob = await createActor(browser, stack.url, 'bob');
  await bob.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe('a message that did not go out', () => {
  it('is kept as the draft once it is edited, with what was begun since and what it replies to', async () => {
    const page = await openPage(bob.context, stack.url);
    await write(page, 'Harbour crew', ['Who paints?']);
    await eventually(async () => (await savedTexts(annsHand, harbour)).includes('Who paints?'));
    await bob.context.setOffline(true);
    await articleOf(page, 'Who paints?').hover();
    await articleOf(page, 'Who paints?').getByRole('button', { name: 'Reply' }).click();
    await composerOf(page).fill('Wrnog.');
    await composerOf(page).press('Enter');
    await composerOf(page).fill('Another thing.');
    await articleOf(page, 'Wrnog.').getByRole('button', { name: 'Edit', exact: true }).click();
    await articleOf(page, 'Wrnog.').waitFor({ state: 'detached' });
    const both = 'Wrnog.\nAnother thing.';
    expect(await composerOf(page).inputValue()).toBe(both);
    await page.getByText('Replying to Bob').waitFor();
    await write(page, 'Repairs', []);
    await write(page, 'Harbour crew', []);
    expect(await composerOf(page).inputValue()).toBe(both);
    await bob.context.setOffline(false);
    await page.reload();
    await composerOf(page).waitFor();
    expect(await composerOf(page).inputValue()).toBe(both);
    expect(await savedTexts(annsHand, harbour)).toEqual(['Who paints?']);
    await page.close();
  }, 60_000);
});
