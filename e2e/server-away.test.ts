import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Conversation } from '@chatapp/contract/shapes';
import type { Browser, Route } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, type Person, signIn } from '../dev/testing/person.ts';
import { pidsOf, type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';
import { savedTexts } from './outbox-page.ts';

let stack: TestStack;
let browser: Browser;
let annsHand: Person;
let harbour: Conversation;
let bob: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  annsHand = await signIn(stack.url, 'ann');
  harbour = await conversationOf('Harbour crew', annsHand, await signIn(stack.url, 'bob'));
  bob = await createActor(browser, stack.url, 'bob');
  await bob.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe('a page whose server is away in part', () => {
  it('says that it is offline while the way back hangs, and takes what is written', async () => {
    const { page } = bob;
    const note = page.getByRole('status').filter({ hasText: 'You are offline.' });
    await bob.open('Harbour crew');
    const hung: Route[] = [];
    await page.route('**/bff/realtime-ticket', (route) => void hung.push(route));
    for (const pid of await pidsOf(stack, 'realtime')) process.kill(pid, 'SIGKILL');
    await note.waitFor();
    expect(hung.length).toBeGreaterThan(0);
    await bob.say('Over the other road.');
    await eventually(async () => (await savedTexts(annsHand, harbour)).includes('Over the other road.'));
    expect(await note.isVisible()).toBe(true);
    // What hangs goes on with it.
    await page.unroute('**/bff/realtime-ticket');
    await note.waitFor({ state: 'hidden', timeout: 40_000 });
  }, 60_000);

  it('does not take a conversation for gone when the list could not be loaded', async () => {
    const { page } = bob;
    const list = /\/api\/conversations\/conversations(\?|$)/;
    let isAway = true;
    await page.route(list, (route) =>
      isAway
        ? route.fulfill({ status: 503, contentType: 'application/problem+json', json: { code: 'unavailable' } })
        : route.continue(),
    );
    await page.reload();
    const main = page.getByRole('main');
    await main.getByText('This conversation could not be loaded').waitFor();
    await main.getByRole('button', { name: 'Try again' }).click();
    // Not before: the page asks by itself, too, and then there is nothing to press.
    isAway = false;
    await bob.composer().waitFor();
    await bob.say('Here again.');
    await eventually(async () => (await savedTexts(annsHand, harbour)).includes('Here again.'));
  }, 60_000);
});
