import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe('journey: login', () => {
  it('signs in through the form, keeps the session over a reload, and signs out', async () => {
    const ann = await createActor(browser, stack.url, 'ann');
    await ann.signIn();
    await ann.page.getByRole('button', { name: 'Account of Ann' }).waitFor();
    await ann.page.reload();
    await ann.page.getByRole('button', { name: 'Account of Ann' }).waitFor();
    await ann.signOut();
    await ann.page.reload();
    await ann.page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(ann.faults).toEqual([]);
    await ann.context.close();
  }, 60_000);

  it('signs in all tabs of the browser at once, and none of them signs another out', async () => {
    const ann = await createActor(browser, stack.url, 'ann');
    const waiting = await ann.context.newPage();
    await waiting.goto(stack.url);
    await waiting.getByRole('button', { name: 'Sign in' }).waitFor();
    await ann.signIn();
    await waiting.getByRole('button', { name: 'Sign in' }).click();
    const isOnline = (page: Page) => page.getByRole('button', { name: 'Account of Ann' }).getByText('Online').waitFor();
    await Promise.all([isOnline(ann.page), isOnline(waiting)]);
    expect(new URL(waiting.url()).pathname).toBe('/');

    // A sign-in ends the session before it; the page that had that one goes on with the new one.
    const renewed = waiting.waitForEvent('websocket', { timeout: 20_000 });
    await ann.page.goto(`${stack.url}/bff/login?returnTo=/`);
    await isOnline(ann.page);
    await renewed;
    await isOnline(waiting);
    expect(ann.faults).toEqual([]);
    await ann.context.close();
  }, 60_000);

  it('makes every tab of the browser the page of who signed in last', async () => {
    const ann = await createActor(browser, stack.url, 'ann');
    await ann.signIn();
    const another = await ann.context.newPage();
    await another.goto(stack.url);
    await another.getByRole('button', { name: 'Account of Ann' }).click();
    await another.getByText('Sign out', { exact: true }).click();
    await ann.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await another.getByRole('button', { name: 'Sign in' }).click();
    await another.locator('input[name=login]').fill('bob');
    await another.locator('input[name=password]').fill('bob');
    await another.getByRole('button', { name: 'Sign in' }).click();
    await another.getByRole('button', { name: 'Account of Bob' }).waitFor();
    await ann.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await ann.page.getByRole('button', { name: 'Account of Bob' }).getByText('Online').waitFor();
    expect(ann.faults).toEqual([]);
    await ann.context.close();
  }, 60_000);

  it('comes back to the page that asked for it', async () => {
    const ann = await signIn(stack.url, 'ann');
    const { body } = await ann.call<{ id: string }>('POST', '/api/conversations/conversations', { name: 'Deep link' });
    const actor = await createActor(browser, `${stack.url}/c/${body.id}`, 'ann');
    await actor.signIn();
    await actor.page.getByRole('heading', { name: 'Deep link' }).waitFor();
    await actor.context.close();
  }, 60_000);

  it('lets no script see the session, and no token into the browser', async () => {
    const bob = await createActor(browser, stack.url, 'bob');
    const bodies: Promise<string>[] = [];
    bob.page.on('response', (response) => {
      if (response.url().startsWith(stack.url)) bodies.push(response.text().catch(() => ''));
    });
    await bob.signIn();
    await bob.page.getByRole('button', { name: 'Account of Bob' }).waitFor();
    expect(await bob.page.evaluate(() => document.cookie)).toBe('');
    const cookies = (await bob.context.cookies(stack.url)).filter(({ path }) => path === '/');
    const session = cookies.find(({ name }) => name.startsWith('__Host-'));
    expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict' });
    const storage = await bob.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    const seen = [...(await Promise.all(bodies)), storage].join('\n');
    expect(seen.length).toBeGreaterThan(1000);
    expect(seen).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\./);
    expect(bob.faults).toEqual([]);
    await bob.context.close();
  }, 60_000);

  it('says what to do about a wrong password, and lets the person try again', async () => {
    const carol = await createActor(browser, stack.url, 'carol');
    await carol.page.goto(stack.url);
    await carol.page.getByRole('button', { name: 'Sign in' }).click();
    await carol.page.locator('input[name=login]').fill('carol');
    await carol.page.locator('input[name=password]').fill('wrong');
    await carol.page.getByRole('button', { name: 'Sign in' }).click();
    await carol.page.getByRole('alert').waitFor();
    await carol.page.locator('input[name=password]').fill('carol');
    await carol.page.getByRole('button', { name: 'Sign in' }).click();
    await carol.page.getByRole('button', { name: 'Account of Carol' }).waitFor();
    await carol.context.close();
  }, 60_000);
});
