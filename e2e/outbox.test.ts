import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Conversation } from '@chatapp/contract/shapes';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';
import { articleOf, composerOf, countSends, crash, openPage, rightsHold, savedTexts, write } from './outbox-page.ts';

let stack: TestStack;
let browser: Browser;
let annsHand: Person;
let bobsHand: Person;
let harbour: Conversation;
let repairs: Conversation;
let bob: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  annsHand = await signIn(stack.url, 'ann');
  bobsHand = await signIn(stack.url, 'bob');
  harbour = await conversationOf('Harbour crew', annsHand, bobsHand);
  repairs = await conversationOf('Repairs', annsHand, bobsHand);
  bob = await createActor(browser, stack.url, 'bob');
  await bob.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const saved = (conversation: Conversation) => savedTexts(annsHand, conversation);
const reopen = ({ context }: Actor) => openPage(context, stack.url);
const setRole = async (role: string) =>
  expectStatus(
    await annsHand.call('PATCH', `/api/conversations/conversations/${harbour.id}/members/${bobsHand.userId}`, { role }),
    200,
  );
/** The messages service stands still during this; any of its processes may hold the shard. */
const whileNothingIsSaved = async (during: () => Promise<void>): Promise<void> => {
  const pids = Object.entries(await stack.run()).flatMap(([name, { pid }]) =>
    /^messages(-|$)/.test(name) && pid ? [pid] : [],
  );
  if (pids.length === 0) throw new Error('messages is not ours');
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await during();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
};

describe('the outbox', () => {
  it('survives a crash of the page, and keeps the order of each conversation', async () => {
    await bob.context.setOffline(true);
    await write(bob.page, 'Harbour crew', ['One.', 'Two.', 'Three.']);
    await write(bob.page, 'Repairs', ['Elsewhere one.', 'Elsewhere two.']);
    await crash(bob.page);
    await bob.page.close();
    expect(await saved(harbour)).toEqual([]);
    await bob.context.setOffline(false);
    const page = await reopen(bob);
    await eventually(async () => (await saved(harbour)).length + (await saved(repairs)).length === 5);
    expect(await saved(harbour)).toEqual(['One.', 'Two.', 'Three.']);
    expect(await saved(repairs)).toEqual(['Elsewhere one.', 'Elsewhere two.']);
    await page.close();
  }, 60_000);

  it('sends once what was on its way when the page was loaded again', async () => {
    const page = await reopen(bob);
    await write(page, 'Harbour crew', []);
    await page.getByRole('article').filter({ hasText: 'Three.' }).waitFor();
    await whileNothingIsSaved(async () => {
      await write(page, 'Harbour crew', ['Four.', 'Five.']);
      await page.getByText('Sending…').first().waitFor();
      await page.reload();
      await page.getByRole('article').filter({ hasText: 'Five.' }).waitFor();
    });
    await eventually(async () => (await saved(harbour)).includes('Five.'), { timeoutMs: 60_000 });
    expect(await saved(harbour)).toEqual(['One.', 'Two.', 'Three.', 'Four.', 'Five.']);
    await page.getByText('Sending…').first().waitFor({ state: 'detached' });
    await page.close();
  }, 120_000);

  it('sends from one tab for all, and from the next when that one is closed', async () => {
    const [first, second] = [await reopen(bob), await reopen(bob)];
    const sends = { first: countSends(first), second: countSends(second) };
    // The sockets from before were not listened to.
    await Promise.all([first.reload(), second.reload()]);
    await first.bringToFront();
    await write(second, 'Repairs', ['From the second tab.']);
    await eventually(async () => (await saved(repairs)).includes('From the second tab.'));
    expect(sends.first.count + sends.second.count).toBe(1);
    const [leader, other] = sends.first.count === 1 ? [first, second] : [second, first];
    await write(other, 'Repairs', ['For the other one.']);
    await eventually(async () => (await saved(repairs)).includes('For the other one.'));
    expect(sends.first.count + sends.second.count).toBe(2);
    expect(leader === first ? sends.second.count : sends.first.count).toBe(0);
    await leader.close();
    await write(other, 'Repairs', ['Alone now.']);
    await eventually(async () => (await saved(repairs)).includes('Alone now.'));
    expect((await saved(repairs)).filter((text) => text === 'Alone now.')).toHaveLength(1);
    await other.close();
  }, 60_000);

  it('sends once, from the next tab, what was on its way when the tab that sends crashed', async () => {
    const [first, second] = [await reopen(bob), await reopen(bob)];
    const sends = { first: countSends(first), second: countSends(second) };
    // The sockets from before were not listened to.
    await Promise.all([first.reload(), second.reload()]);
    await write(first, 'Repairs', ['Who sends?']);
    await write(second, 'Repairs', []);
    await eventually(async () => (await saved(repairs)).includes('Who sends?'));
    const isFirst = sends.first.count > 0;
    const [leader, other] = isFirst ? [first, second] : [second, first];
    const [ofLeader, ofOther] = isFirst ? [sends.first, sends.second] : [sends.second, sends.first];
    expect(ofOther.count).toBe(0);
    const before = await saved(repairs);
    await whileNothingIsSaved(async () => {
      await write(leader, 'Repairs', ['On its way.', 'Behind it.']);
      await leader.getByText('Sending…').first().waitFor();
      await eventually(() => ofLeader.count > 1);
      await crash(leader);
      await eventually(() => ofOther.count > 0);
    });
    await eventually(async () => (await saved(repairs)).includes('Behind it.'), { timeoutMs: 60_000 });
    expect(await saved(repairs)).toEqual([...before, 'On its way.', 'Behind it.']);
    await other.getByText('Sending…').first().waitFor({ state: 'detached' });
    for (const text of ['On its way.', 'Behind it.']) expect(await articleOf(other, text).count()).toBe(1);
    await Promise.all([leader.close(), other.close()]);
  }, 120_000);

  it('lets what waits be taken back or changed while there is no network', async () => {
    const page = await reopen(bob);
    await write(page, 'Harbour crew', []);
    await bob.context.setOffline(true);
    await write(page, 'Harbour crew', ['Never mind.', 'Wrnog.']);
    await page.getByRole('article').filter({ hasText: 'Never mind.' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('article').filter({ hasText: 'Never mind.' }).waitFor({ state: 'detached' });
    await page
      .getByRole('article')
      .filter({ hasText: 'Wrnog.' })
      .getByRole('button', { name: 'Edit', exact: true })
      .click();
    await eventually(async () => (await composerOf(page).inputValue()) === 'Wrnog.');
    await composerOf(page).fill('Right.');
    await composerOf(page).press('Enter');
    await bob.context.setOffline(false);
    await eventually(async () => (await saved(harbour)).includes('Right.'), { timeoutMs: 40_000 });
    expect((await saved(harbour)).join(' ')).not.toMatch(/Wrnog|Never mind/);
    await page.close();
  }, 90_000);

  it('shows what was refused, with trying again and discarding', async () => {
    const page = await reopen(bob);
    await write(page, 'Harbour crew', []);
    await bob.context.setOffline(true);
    await write(page, 'Harbour crew', ['Refused one.', 'Refused two.']);
    await setRole('viewer');
    await rightsHold();
    await bob.context.setOffline(false);
    const [one, two] = ['Refused one.', 'Refused two.'].map((text) =>
      page.getByRole('article').filter({ hasText: text }),
    );
    if (!one || !two) throw new Error('unreachable');
    await one.getByText('Not sent. Your role does not allow it.').waitFor({ timeout: 40_000 });
    await two.getByText('Not sent.').waitFor();
    await setRole('member');
    await composerOf(page).waitFor();
    await one.getByRole('button', { name: 'Try again' }).click();
    await eventually(async () => (await saved(harbour)).includes('Refused one.'));
    await two.getByRole('button', { name: 'Edit', exact: true }).click();
    await eventually(async () => (await composerOf(page).inputValue()) === 'Refused two.');
    await two.waitFor({ state: 'detached' });
    await composerOf(page).fill('');
    await page.close();
  }, 90_000);

  it('gives back what the browser cannot store', async () => {
    const page = await reopen(bob);
    await write(page, 'Repairs', []);
    await page.evaluate(() => {
      const { add } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.add = () => {
        IDBObjectStore.prototype.add = add;
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await composerOf(page).fill('Too much.');
    await composerOf(page).press('Enter');
    await page.getByText('This browser has no room').waitFor();
    expect(await composerOf(page).inputValue()).toBe('Too much.');
    await composerOf(page).press('Enter');
    await eventually(async () => (await saved(repairs)).includes('Too much.'));
    expect(await composerOf(page).inputValue()).toBe('');
    await page.close();
  }, 60_000);

  it('gives back what was written to a conversation that is no longer theirs', async () => {
    const page = await reopen(bob);
    await write(page, 'Harbour crew', []);
    await bob.context.setOffline(true);
    await write(page, 'Harbour crew', ['Into the void.']);
    const path = `/api/conversations/conversations/${harbour.id}/members/${bobsHand.userId}`;
    expectStatus(await annsHand.call('DELETE', path), 204);
    await rightsHold();
    await bob.context.setOffline(false);
    await page.getByText('This conversation is not here').waitFor({ timeout: 40_000 });
    await page.getByText('Into the void.').waitFor();
    await write(page, 'Repairs', []);
    await page.getByRole('button', { name: 'A message was not sent' }).click({ timeout: 40_000 });
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Into the void.').waitFor();
    await dialog.getByRole('button', { name: 'Discard' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await saved(harbour)).not.toContain('Into the void.');
    await page.close();
  }, 90_000);
});
