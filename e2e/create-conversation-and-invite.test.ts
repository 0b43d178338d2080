import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
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

describe('journey: create a conversation and invite', () => {
  it('shows the invitation at once, and both are in the conversation after Join', async () => {
    await ann.createConversation('Harbour crew');
    await ann.invite('Bob');
    const card = bob.page.getByRole('article', { name: /Ann invites you to Harbour crew/ });
    await card.waitFor({ timeout: 2000 });
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
