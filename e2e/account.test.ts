import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { conversationOf, expectStatus, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const enter = async (login: string): Promise<Actor> => {
  const actor = await createActor(browser, stack.url, login);
  await actor.signIn();
  return actor;
};
const openAccount = async ({ page }: Actor) => {
  await page.getByRole('button', { name: /^Account of / }).click();
  await page.getByRole('button', { name: 'Your account' }).click();
  return page.getByRole('dialog');
};
/** One red pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  'base64',
);

describe('my account', () => {
  it('has a name and a picture, which stay after a reload, and can be taken away as a file', async () => {
    const ann = await enter('ann');
    await ann.createConversation('Pier notes');
    await ann.say('The tide is out');
    await ann.act('The tide is out', 'React');
    await ann.page.getByRole('group', { name: 'Pick a reaction' }).getByRole('button', { name: '🌊' }).click();
    await ann.message('The tide is out').getByRole('button', { name: '🌊 1', pressed: true }).waitFor();
    const dialog = await openAccount(ann);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Ann of the pier');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByLabel('Picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: png });
    await dialog.getByRole('button', { name: 'Choose another picture' }).waitFor();
    await dialog
      .getByLabel('Picture')
      .setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no') });
    await dialog.getByText('This file is no picture.').waitFor();
    const download = ann.page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download' }).click();
    const file = await (await download).path();
    const data = await Bun.file(file).json();
    expect(data.profile.name).toBe('Ann of the pier');
    expect(data.messages).toMatchObject([{ seq: expect.any(Number), body: 'The tide is out', replyTo: null }]);
    const [{ conversationId, seq }] = data.messages;
    expect(data.reactions).toEqual([{ conversationId, seq, emoji: '🌊' }]);
    expect(data.readMarkers).toMatchObject([{ conversationId, seq }]);
    await ann.page.reload();
    const account = ann.page.getByRole('button', { name: 'Account of Ann of the pier' });
    const picture = account.locator('img');
    await picture.waitFor();
    expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(
      192,
    );
    expect(ann.faults).toEqual([]);
    await ann.context.close();
  }, 60_000);

  it('signs out one other window, or all of them, and leaves this one', async () => {
    const [here, there] = [await enter('bob'), await enter('bob')];
    const dialog = await openAccount(here);
    await dialog.getByText('This browser, now').waitFor();
    await dialog.getByRole('button', { name: /^Sign out Chrome/ }).click();
    await there.page.getByRole('button', { name: 'Sign in' }).waitFor();
    // The issuer still knows who sits there.
    await there.page.getByRole('button', { name: 'Sign in' }).click();
    await there.page.getByRole('button', { name: 'Account of Bob' }).waitFor();
    await here.page.keyboard.press('Escape');
    await (await openAccount(here)).getByRole('button', { name: 'Sign out the others' }).click();
    await there.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await here.page.getByRole('button', { name: 'Sign out the others' }).waitFor({ state: 'hidden' });
    // Everywhere is for who proves anew who they are.
    await here.page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await here.page.locator('input[name=password]').waitFor();
    await Promise.all([here.context.close(), there.context.close()]);
  }, 60_000);

  it('is deleted only once its conversations are in other hands, and its name is typed', async () => {
    const [carolsHand, davesHand] = [await signIn(stack.url, 'carol'), await signIn(stack.url, 'dave')];
    await conversationOf('Left behind', carolsHand, davesHand);
    const { id } = await conversationOf('Laid up', carolsHand, davesHand);
    expectStatus(await carolsHand.call('PATCH', `/api/conversations/conversations/${id}`, { archived: true }), 200);
    const [carol, dave] = [await enter('carol'), await enter('dave')];
    const { page } = carol;
    await dave.open('Left behind');
    // Nothing is open that would have loaded who is in it.
    await page.reload();
    const members = /\/members\?/;
    await page.route(members, (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', json: { code: 'internal' } }),
    );
    await (await openAccount(carol)).getByRole('button', { name: 'Delete account' }).click();
    await page.getByText('You own conversations with others in them.').waitFor();
    await page.getByRole('button', { name: 'Hand over Left behind' }).click();
    await page.getByText('The members could not be loaded.').waitFor();
    await page.unroute(members);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('radio', { name: 'Dave' }).check();
    await page.getByRole('button', { name: 'Hand over', exact: true }).click();
    await page.getByRole('button', { name: 'Hand over Left behind' }).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Hand over Laid up' }).click();
    await page.getByText('It is archived.').waitFor();
    await page.getByRole('button', { name: 'Bring back' }).click();
    await page.getByRole('radio', { name: 'Dave' }).check();
    await page.getByRole('button', { name: 'Hand over', exact: true }).click();
    const sure = page.getByRole('button', { name: 'Delete for good' });
    await page.getByRole('textbox', { name: 'Type Carol to go on' }).fill('Caro');
    expect(await sure.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Type Carol to go on' }).fill('carol');
    await sure.click();
    await dave.page.getByRole('complementary', { name: '1 member' }).waitFor();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(carol.faults).toEqual([]);
    await Promise.all([carol.context.close(), dave.context.close()]);
  }, 90_000);
});
