import { afterAll, expect } from 'bun:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

export interface ActorOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly isMobile?: boolean;
  readonly hasTouch?: boolean;
  /** `reduce`: nothing moves, so that what is looked at does not depend on the moment. */
  readonly reducedMotion?: 'reduce';
}

/** What another person's open window shows within a second of what was done. */
export const soon = (what: Locator, state: 'visible' | 'hidden' | 'attached' | 'detached' = 'visible'): Promise<void> =>
  what.waitFor({ state, timeout: 1000 });

/** A person at a browser window of their own: what they do and see, by the names that the page gives to things. */
export interface Actor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong in the page: violations of the content security policy and uncaught errors. */
  readonly faults: readonly string[];
  /** From the start page, until the conversations are there. */
  signIn(): Promise<void>;
  /** From the page that is open, wherever that leads. */
  signInHere(): Promise<void>;
  createConversation(name: string): Promise<void>;
  open(name: string): Promise<void>;
  invite(person: string): Promise<void>;
  /** Opens the dialog that invites to the open conversation, at one of its ways. */
  openInvite(way: 'People' | 'E-mail' | 'Link'): Promise<Locator>;
  answerInvitation(conversation: string, answer: 'Join' | 'Decline'): Promise<void>;
  say(text: string): Promise<void>;
  /** The article of a message, wherever it is in the timeline. */
  message(text: string): Locator;
  /** Picks an action of a message's tools. */
  act(text: string, action: string): Promise<void>;
  /** The texts of the open conversation's messages, in order, without system messages. */
  texts(): Promise<string[]>;
  composer(): Locator;
  signOut(): Promise<void>;
}

/** Opens a window for one of the embedded people (`ann`, …); nobody is signed in yet. */
export const createActor = async (
  browser: Browser,
  url: string,
  login: string,
  options: ActorOptions = {},
): Promise<Actor> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(10_000);
  const faults: string[] = [];
  context.on('page', (opened) => {
    opened.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
    watchViolations(opened, url, (violation) => {
      faults.push(violation);
      violations.push(violation);
    });
  });
  const page = await context.newPage();
  const message = (text: string) => page.getByRole('article').filter({ hasText: text }).last();
  const signInHere = async () => {
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill(login);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const openInvite = async (way: string) => {
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('tab', { name: way }).click();
    return dialog;
  };
  const composer = () => page.getByRole('textbox', { name: /^Message / });
  return {
    page,
    context,
    faults,
    message,
    composer,
    signInHere,
    async signIn() {
      await page.goto(url);
      await signInHere();
      await page
        .getByRole('list', { name: 'Conversations' })
        .or(page.getByText('No conversations yet.'))
        .first()
        .waitFor();
    },
    async createConversation(name) {
      await page.getByRole('button', { name: 'New conversation' }).first().click();
      await page.getByRole('textbox', { name: 'Name' }).fill(name);
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await page.getByRole('heading', { name }).waitFor();
    },
    async open(name) {
      await page.getByRole('list', { name: 'Conversations' }).getByRole('link').filter({ hasText: name }).click();
      await page.getByRole('heading', { name }).waitFor();
    },
    openInvite,
    async invite(person) {
      const dialog = await openInvite('People');
      await dialog.getByRole('combobox', { name: 'People' }).fill(person);
      await dialog.getByRole('option', { name: new RegExp(`^${person}`, 'i') }).click();
      await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
      await dialog.waitFor({ state: 'hidden' });
    },
    async answerInvitation(conversation, answer) {
      const card = page.getByRole('article', { name: new RegExp(`invites you to ${conversation}`) });
      await card.getByRole('button', { name: answer, exact: true }).click();
      await card.waitFor({ state: 'hidden' });
    },
    async say(text) {
      await composer().fill(text);
      await composer().press('Enter');
    },
    async act(text, action) {
      await message(text).hover();
      await message(text).getByRole('button', { name: action, exact: true }).click();
    },
    texts: () => page.getByRole('log', { name: 'Messages' }).locator('[data-seq] .message-text').allInnerTexts(),
    async signOut() {
      await page.getByRole('button', { name: /^Account of / }).click();
      await page.getByText('Sign out', { exact: true }).click();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
    },
  };
};

/**
 * Hears of whatever breaks the policy of a page at `url`: Chromium writes it to the console, and what nobody caught of Trusted Types' errors too. Its words
 * change with its versions: `attacks.test.ts` breaks the policy in each way, to show that they are still these.
 */
export const watchViolations = (page: Page, url: string, onViolation: (text: string) => void): void => {
  const { origin } = new URL(url);
  const hear = (text: string) => {
    // Another site's page may stand in the next window, and its faults are its own.
    const isOurs = page.url().startsWith(`${origin}/`);
    if (isOurs && /content security policy|trusted ?(types|html|script)/i.test(text)) onViolation(text);
  };
  page.on('console', (line) => hear(line.text()));
  page.on('pageerror', (error) => hear(error.message));
};

/** Of all windows of this process. */
const violations: string[] = [];

// Each file of journeys ends with this, so that none can break the page's policy unseen (S42). The screenshots are taken outside of tests.
if (process.env.NODE_ENV === 'test') afterAll(() => expect(violations).toEqual([]));
