import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Conversation } from '@chatapp/contract/shapes';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';
import { articleOf, composerOf, openPage, rightsHold, savedTexts, write } from './outbox-page.ts';

let stack: TestStack;
let browser: Browser;
let annsHand: Person;
let bobsHand: Person;
let harbour: Conversation;
let bob: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  annsHand = await signIn(stack.url, 'ann');
  bobsHand = await signIn(stack.url, 'bob');
  harbour = await conversationOf('Harbour crew', annsHand, bobsHand);
  await conversationOf('Repairs', annsHand, bobsHand);
  bob = await createActor(browser, stack.url, 'bob');
  await bob.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const setRole = async (role: string) =>
  expectStatus(
    await annsHand.call('PATCH', `/api/conversations/conversations/${harbour.id}/members/${bobsHand.userId}`, { role }),
    200,
  );

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
    await page.getByText('Replying to Bob').waitFor();
    await bob.context.setOffline(false);
    await page.reload();
    await page.getByText('Replying to Bob').waitFor();
    expect(await composerOf(page).inputValue()).toBe(both);
    expect(await savedTexts(annsHand, harbour)).toEqual(['Who paints?']);
    await page.close();
  }, 60_000);

  it('is stored and sent when the browser had closed its database', async () => {
    const page = await openPage(bob.context, stack.url);
    await write(page, 'Harbour crew', []);
    await page.evaluate(() => {
      const { transaction } = IDBDatabase.prototype;
      IDBDatabase.prototype.transaction = function (...given) {
        IDBDatabase.prototype.transaction = transaction;
        this.close();
        return transaction.apply(this, given);
      };
    });
    await write(page, 'Harbour crew', ['Stored anew.']);
    await eventually(async () => (await savedTexts(annsHand, harbour)).includes('Stored anew.'));
    await articleOf(page, 'Stored anew.').getByText('Sending').waitFor({ state: 'detached' });
    await page.close();
  }, 60_000);

  it('is sent when whoever leads the tabs of the browser is asleep', async () => {
    const page = await openPage(bob.context, stack.url);
    await write(page, 'Harbour crew', []);
    await page.evaluate((lock) => {
      void navigator.locks.request(lock, { steal: true }, () => new Promise(() => undefined));
    }, `outbox:${bobsHand.userId}`);
    await write(page, 'Harbour crew', ['Anybody awake?']);
    const sent = async () => (await savedTexts(annsHand, harbour)).includes('Anybody awake?');
    expect(await sent()).toBe(false);
    // The tab waits for ten seconds before it asks, and for two for an answer.
    await eventually(sent, { timeoutMs: 30_000, intervalMs: 500 });
    await page.close();
  }, 60_000);

  it('is kept when the browser has no room to store it again', async () => {
    const page = await openPage(bob.context, stack.url);
    await write(page, 'Harbour crew', []);
    await bob.context.setOffline(true);
    await write(page, 'Harbour crew', ['Refused.']);
    await setRole('viewer');
    await rightsHold();
    await bob.context.setOffline(false);
    const refused = articleOf(page, 'Refused.');
    await refused.getByText('Not sent.').waitFor({ timeout: 40_000 });
    await setRole('member');
    await page.evaluate(() => {
      const { add } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.add = () => {
        IDBObjectStore.prototype.add = add;
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await refused.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('This browser has no room').waitFor();
    await refused.getByText('Not sent.').waitFor();
    await page.reload();
    await refused.getByText('Not sent.').waitFor();
    await refused.getByRole('button', { name: 'Try again' }).click();
    await eventually(async () => (await savedTexts(annsHand, harbour)).includes('Refused.'));
    await refused.getByText('Not sent.').waitFor({ state: 'detached' });
    await page.close();
  }, 90_000);
});
