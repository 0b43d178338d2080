import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Message } from '@chatapp/contract/shapes';
import type { Browser, Locator } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { conversationOf, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Actor;
let bob: Person;
let messages: string;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  const people = ['ann', 'bob', 'carol', 'dave', 'eve'].map((login) => signIn(stack.url, login));
  const [owner, ...others] = (await Promise.all(people)) as [Person, Person];
  [bob] = others;
  const { id } = await conversationOf('Harbour crew', owner, ...others);
  await conversationOf('Night watch', owner, bob);
  const body = `High water at six.\n<@${owner.userId}> has the key.`;
  messages = `/api/messages/conversations/${id}/messages`;
  await write(body);
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  ann = await createActor(browser, stack.url, 'ann', phone);
  await ann.signIn();
  await ann.open('Harbour crew');
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** Bob writes it. */
const write = async (body: string, replyTo?: number): Promise<number> =>
  (await bob.call<Message>('POST', messages, { clientId: crypto.randomUUID(), body, replyTo })).body.seq;

/** How far up and down from its middle a finger still hits it, in pixels. */
const reach = (what: Locator): Promise<number> =>
  what.evaluate((element) => {
    element.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = element.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const hits = (by: number) => element.contains(document.elementFromPoint(x, y + by));
    let by = 0;
    while (by < 40 && hits(by) && hits(-by)) by++;
    return by;
  });

/** Puts a finger down until `shown` is there; again where the page moved under it. */
const longPress = async (what: Locator, shown: Locator): Promise<void> => {
  const session = await ann.context.newCDPSession(ann.page);
  const press = async (timeout: number) => {
    const { x, y } = (await what.boundingBox()) ?? { x: 0, y: 0 };
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 20, y: y + 10 }] });
    const isShown = await shown.waitFor({ timeout }).then(
      () => true,
      () => false,
    );
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    return isShown;
  };
  expect((await press(3000)) || (await press(3000)) || (await press(10_000))).toBe(true);
};

describe('on a phone', () => {
  it("copies a message's text from the tools that a long press opens", async () => {
    await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const tools = ann.page.getByRole('toolbar');
    await longPress(ann.message('High water').locator('.message-text'), tools);
    await tools.getByRole('button', { name: 'Copy text' }).tap();
    await ann.page.getByText('Copied.').waitFor();
    const copied = await ann.page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe('High water at six.\n@Ann has the key.');
  }, 60_000);

  it('breaks the line with Enter, and sends with the button', async () => {
    await ann.composer().tap();
    await ann.page.keyboard.type('One');
    await ann.page.keyboard.press('Enter');
    await ann.page.keyboard.type('two');
    expect(await ann.composer().inputValue()).toBe('One\ntwo');
    await ann.page.getByRole('button', { name: 'Send', exact: true }).tap();
    await ann.page.locator('[data-seq]').filter({ hasText: 'two' }).waitFor();
    expect((await ann.texts()).at(-1)).toBe('One\ntwo');
  }, 60_000);

  it('reaches every choice of a menu, however low its button and however low the window', async () => {
    const size = { width: 390, height: 664 };
    await ann.page.setViewportSize(size);
    await ann.page.getByRole('button', { name: /^Show \d members/ }).tap();
    await ann.page
      .getByRole('button', { name: /^What to do with/ })
      .last()
      .tap();
    await ann.page.getByRole('button', { name: 'Ban', exact: true }).tap();
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Keep' }).tap();
    await ann.page.getByRole('button', { name: 'Hide members' }).last().tap();
    await ann.page.getByRole('button', { name: 'Back to conversations' }).tap();
    await ann.page.setViewportSize({ width: 664, height: 300 });
    await ann.page.getByRole('button', { name: 'Account of Ann' }).tap();
    await ann.page.getByRole('radio', { name: 'Like the system' }).tap();
  }, 60_000);

  it('closes the members with Escape, gives the focus back, and does not open them in the next conversation', async () => {
    await ann.page.setViewportSize({ width: 390, height: 844 });
    await ann.open('Harbour crew');
    const opener = ann.page.getByRole('button', { name: /^Show \d members/ });
    const panel = ann.page.getByRole('complementary');
    expect(await opener.getAttribute('aria-expanded')).toBe('false');
    await opener.tap();
    await panel.locator(':focus').waitFor();
    await panel
      .getByRole('button', { name: /^What to do with/ })
      .first()
      .tap();
    await ann.page.keyboard.press('Escape');
    await panel.locator('.menu:popover-open').waitFor({ state: 'hidden' });
    expect(await opener.getAttribute('aria-expanded')).toBe('true');
    await ann.page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    await ann.page.locator('.faces:focus').waitFor();
    await opener.tap();
    await panel.waitFor();
    await ann.page.goBack();
    await ann.open('Night watch');
    await opener.waitFor();
    expect(await panel.isVisible()).toBe(false);
  }, 60_000);

  it('hits what is small within 44 pixels', async () => {
    await ann.page.getByRole('button', { name: 'Back to conversations' }).tap();
    await ann.open('Harbour crew');
    const seq = await write('Who has the boat?');
    for (const emoji of ['⚓', '👍']) {
      const path = `${messages}/${seq}/reactions/${encodeURIComponent(emoji)}`;
      expectStatus(await bob.call('PUT', path, undefined, { 'idempotency-key': crypto.randomUUID() }), 200);
    }
    await write('I have it.', seq);
    await ann.message('I have it.').waitFor();
    await ann.context.setOffline(true);
    await ann.composer().fill('Good.');
    await ann.page.getByRole('button', { name: 'Send', exact: true }).tap();
    const small = {
      quote: ann.message('I have it.').locator('.quote'),
      reaction: ann.page.locator('.reaction').first(),
      edit: ann.message('Good.').getByRole('button', { name: 'Edit' }),
      cancel: ann.message('Good.').getByRole('button', { name: 'Cancel' }),
    };
    const reached = async (name: keyof typeof small) => [name, Math.min(22, await reach(small[name]))];
    const names = Object.keys(small) as (keyof typeof small)[];
    expect(await Promise.all(names.map(reached))).toEqual(names.map((name) => [name, 22]));
    await small.cancel.tap();
    await ann.context.setOffline(false);
  }, 60_000);

  it('has room for the name and for every emoji where it is 320 pixels wide', async () => {
    await ann.page.setViewportSize({ width: 320, height: 640 });
    const name = await ann.page.getByRole('heading', { name: 'Harbour crew' }).boundingBox();
    expect(name?.width).toBeGreaterThan(90);
    const tools = ann.page.getByRole('toolbar');
    await longPress(ann.message('Who has the boat?').locator('.message-text'), tools);
    await tools.getByRole('button', { name: 'React' }).tap();
    const { x } = (await tools.getByRole('group').boundingBox()) ?? { x: -1 };
    expect(x).toBeGreaterThanOrEqual(0);
  }, 60_000);
});
