// Runs alone: it holds a message to a second.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser, Request } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Actor;
let bob: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack({ replicas: 2 }), launch()]);
  const people = [await signIn(stack.url, 'ann'), await signIn(stack.url, 'bob')] as const;
  await conversationOf('Harbour crew', ...people);
  ann = await createActor(browser, stack.url, 'ann');
  bob = await createActor(browser, stack.url, 'bob');
  for (const actor of [ann, bob]) {
    await actor.signIn();
    await actor.open('Harbour crew');
    await actor.composer().waitFor();
  }
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe('journey: send a message', () => {
  it('shows ten messages each way within a second, once and in one order, also after a reload', async () => {
    for (let n = 1; n <= 10; n++) {
      const [from, to] = n % 2 === 1 ? [ann, bob] : [bob, ann];
      await from.say(`Message ${n}.`);
      await to.message(`Message ${n}.`).waitFor({ timeout: 1000 });
    }
    const expected = Array.from({ length: 10 }, (_, index) => `Message ${index + 1}.`);
    for (const actor of [ann, bob]) {
      await eventually(async () => (await actor.texts()).length === 10);
      expect(await actor.texts()).toEqual(expected);
    }
    await Promise.all([ann.page.reload(), bob.page.reload()]);
    for (const actor of [ann, bob]) {
      await actor.message('Message 10.').waitFor();
      expect(await actor.texts()).toEqual(expected);
    }
  }, 90_000);

  it('asks a window where it arrives for nothing else of the conversation', async () => {
    const asked: string[] = [];
    const watch = (request: Request) => asked.push(new URL(request.url()).pathname);
    ann.page.on('request', watch);
    for (let n = 1; n <= 5; n++) {
      await bob.say(`Wave ${n}.`);
      await ann.message(`Wave ${n}.`).waitFor();
    }
    ann.page.off('request', watch);
    expect(asked.filter((path) => /\/(bans|join-requests|receipts)$/.test(path))).toEqual([]);
  }, 60_000);

  it('lets the sender edit and delete a message, and nobody else', async () => {
    await ann.say('The tide turns at noon.');
    await bob.message('The tide turns at noon.').waitFor();
    await ann.act('The tide turns at noon.', 'Edit');
    await ann.page.getByRole('textbox', { name: /^Edit/ }).or(ann.composer()).first().waitFor();
    await ann.page.keyboard.press('Control+A');
    await ann.page.keyboard.type('The tide turns at one.');
    await ann.page.keyboard.press('Enter');
    await bob.message('The tide turns at one.').getByText('edited').waitFor();
    await bob.message('The tide turns at one.').hover();
    expect(await bob.message('The tide turns at one.').getByRole('button', { name: 'Edit', exact: true }).count()).toBe(
      0,
    );
    await ann.act('The tide turns at one.', 'Delete');
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await bob.page.getByRole('log', { name: 'Messages' }).getByText('Message deleted.').waitFor();
    expect((await bob.texts()).join(' ')).not.toContain('The tide turns');
  }, 60_000);

  it('keeps what is written offline and sends it when the network is back', async () => {
    await ann.context.setOffline(true);
    await ann.say('Written on the water.');
    await ann.message('Written on the water.').waitFor();
    await ann.page
      .getByText(/offline/i)
      .first()
      .waitFor();
    await ann.page.waitForTimeout(600);
    expect(await bob.message('Written on the water.').count()).toBe(0);
    await ann.context.setOffline(false);
    await bob.message('Written on the water.').waitFor({ timeout: 40_000 });
    await eventually(async () => (await ann.texts()).filter((text) => text === 'Written on the water.').length === 1);
  }, 90_000);

  it('counts what is unread until it is read', async () => {
    const carolless = 'Side channel';
    await ann.createConversation(carolless);
    await bob.say('Are you there?');
    const row = ann.page
      .getByRole('list', { name: 'Conversations' })
      .getByRole('link')
      .filter({ hasText: 'Harbour crew' });
    await row.getByText('1 unread').waitFor({ state: 'attached' });
    await ann.open('Harbour crew');
    await row.getByText('1 unread').waitFor({ state: 'detached' });
  }, 60_000);

  it('broke no content security policy', () => {
    expect([...ann.faults, ...bob.faults]).toEqual([]);
  });
});
