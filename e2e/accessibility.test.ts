import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Invitation } from '@chatapp/contract/shapes';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { conversationOf, createConversation, expectStatus, invite, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
/** The address of a link. */
let invitation: string;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  const [ann, bob] = [await signIn(stack.url, 'ann'), await signIn(stack.url, 'bob')];
  const { id } = await conversationOf('Harbour crew', ann, bob);
  for (const body of ['Morning.', 'Run `tide --week`.', `<@${ann.userId}> look at https://example.test/`]) {
    await bob.call('POST', `/api/messages/conversations/${id}/messages`, { clientId: crypto.randomUUID(), body });
  }
  await invite(bob, (await createConversation(bob, 'Night watch')).id, ann.userId);
  const path = `/api/conversations/conversations/${(await createConversation(bob, 'Regatta')).id}/invitations`;
  invitation = expectStatus(await bob.call<Invitation>('POST', path, { link: true }), 201).body.url ?? '';
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** Without the further page in which axe would put together what it found in frames: there are none. */
const violations = async ({ page }: Actor): Promise<string[]> => {
  expect(page.frames()).toHaveLength(1);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
};

const expectFineDialog = async (actor: Actor): Promise<void> => {
  const dialog = actor.page.getByRole('dialog');
  await dialog.waitFor();
  expect(await violations(actor)).toEqual([]);
  await actor.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
};

describe.each(['light', 'dark'] as const)('accessibility, %s', (colorScheme) => {
  it('finds no violation signed out, in a conversation, in its dialogs, or on a phone', async () => {
    const ann = await createActor(browser, stack.url, 'ann', { colorScheme, reducedMotion: 'reduce' });
    await ann.page.goto(stack.url);
    await ann.page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await violations(ann)).toEqual([]);
    await ann.signIn();
    await ann.open('Harbour crew');
    await ann.message('look at').waitFor();
    expect(await violations(ann)).toEqual([]);
    for (const opener of ['New conversation', 'Night watch', 'Invite']) {
      await ann.page.getByRole('button', { name: opener, exact: true }).first().click();
      await expectFineDialog(ann);
    }
    for (const way of ['E-mail', 'Link'] as const) {
      const dialog = await ann.openInvite(way);
      if (way === 'Link') {
        await dialog.getByRole('button', { name: 'Make a link' }).click();
        await dialog.getByRole('img').waitFor();
      }
      await expectFineDialog(ann);
    }
    await ann.page.getByRole('button', { name: 'Conversation menu' }).click();
    await ann.page.getByRole('button', { name: 'Settings', exact: true }).click();
    await expectFineDialog(ann);
    await ann.page.getByRole('button', { name: 'Account of Ann' }).click();
    await ann.page.getByRole('button', { name: 'Your account' }).click();
    await ann.page.getByText('This browser, now').waitFor();
    await expectFineDialog(ann);
    await ann.page.goto(invitation);
    await ann.page.getByText('Bob invites you.').waitFor();
    expect(await violations(ann)).toEqual([]);
    await ann.page.goto(`${stack.url}/invite/cut-off`);
    await ann.page.getByRole('heading', { name: 'There is no such invitation' }).waitFor();
    expect(await violations(ann)).toEqual([]);
    await ann.page.goto(stack.url);
    await ann.open('Harbour crew');
    await ann.page.setViewportSize({ width: 390, height: 844 });
    expect(await violations(ann)).toEqual([]);
    await ann.context.close();
  }, 120_000);
});

describe('the keyboard alone', () => {
  it('finds a conversation, writes, edits the last message and closes dialogs', async () => {
    const ann = await createActor(browser, stack.url, 'ann');
    await ann.signIn();
    await ann.page.keyboard.press('Control+k');
    await ann.page.getByRole('dialog').waitFor();
    await ann.page.keyboard.type('Harbour');
    await ann.page.keyboard.press('Enter');
    await ann.page.getByRole('heading', { name: 'Harbour crew' }).waitFor();
    await ann.composer().focus();
    await ann.page.keyboard.type('By hand.');
    await ann.page.keyboard.press('Enter');
    await ann.page.locator('[data-seq]').filter({ hasText: 'By hand.' }).waitFor();
    await ann.page.keyboard.press('ArrowUp');
    await ann.page.keyboard.press('Control+A');
    await ann.page.keyboard.type('By keyboard.');
    await ann.page.keyboard.press('Enter');
    await ann.message('By keyboard.').getByText('edited').waitFor();
    await ann.page.keyboard.press('Escape');
    expect(ann.faults).toEqual([]);
    await ann.context.close();
  }, 120_000);

  it('reaches a message and its tools, and keeps its place when they close', async () => {
    const ann = await createActor(browser, stack.url, 'ann');
    const { keyboard } = ann.page;
    const focused = ann.page.locator('.message:focus');
    await ann.signIn();
    await ann.open('Harbour crew');
    await ann.say('Mine.');
    await ann.page.locator('[data-seq]').filter({ hasText: 'Mine.' }).waitFor();
    await ann.composer().focus();
    for (let press = 0; press < 10 && (await focused.count()) === 0; press++) await keyboard.press('Shift+Tab');
    expect(await focused.textContent()).toContain('Mine.');
    const openTool = async (name: string) => {
      const isThere = () => document.activeElement?.getAttribute('aria-label') ?? '';
      for (let press = 0; press < 6 && (await ann.page.evaluate(isThere)) !== name; press++)
        await keyboard.press('Tab');
      await keyboard.press('Enter');
    };
    for (const key of ['Escape', 'Enter']) {
      await openTool('React');
      await ann.page.locator('.emoji:focus').waitFor();
      await keyboard.press(key);
      await focused.waitFor();
    }
    await ann.message('Mine.').getByRole('button', { name: /^👍/ }).waitFor();
    for (const key of ['Escape', 'Enter']) {
      await openTool('Delete');
      await ann.page.getByRole('dialog').waitFor();
      if (key === 'Enter')
        await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).focus();
      await keyboard.press(key);
      await ann.page.getByRole('dialog').waitFor({ state: 'hidden' });
      await focused.waitFor();
    }
    await keyboard.press('ArrowUp');
    await focused.waitFor();
    expect(ann.faults).toEqual([]);
    await ann.context.close();
  }, 120_000);
});
