import type { Conversation } from '@chatapp/contract/shapes';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Person } from '../dev/testing/person.ts';

/** What a conversation holds, as the database says to one of its members. */
export const savedTexts = async (member: Person, { id }: Conversation): Promise<string[]> => {
  const path = `/api/messages/conversations/${id}/messages?limit=100`;
  const { body } = await member.call<{ items: { kind: string; body: string }[] }>('GET', path);
  return body.items.filter(({ kind }) => kind === 'text').map((message) => message.body);
};

/** Counts the messages that a page sends, by whichever road. */
export const countSends = (page: Page): { count: number } => {
  const sends = { count: 0 };
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (String(payload).includes('"message.send"')) sends.count++;
    }),
  );
  page.on('request', (request) => {
    if (request.method() === 'POST' && /\/messages$/.test(request.url())) sends.count++;
  });
  return sends;
};

/** Another page of the same browser, as after a crash. */
export const openPage = async (context: BrowserContext, url: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('list', { name: 'Conversations' }).waitFor();
  return page;
};

/** Kills the renderer of a page, as the browser's own crash does. */
export const crash = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page);
  // It never answers.
  devtools.send('Page.crash').catch(() => undefined);
  await page.waitForEvent('crash');
};

export const composerOf = (page: Page): Locator => page.getByRole('textbox', { name: /^Message / });
export const articleOf = (page: Page, text: string): Locator => page.getByRole('article').filter({ hasText: text });

/** Opens a conversation and sends these one after another; each is shown, saved or not. */
export const write = async (page: Page, conversation: string, said: readonly string[]): Promise<void> => {
  await page.getByRole('list', { name: 'Conversations' }).getByRole('link').filter({ hasText: conversation }).click();
  await page.getByRole('heading', { name: conversation }).waitFor();
  for (const text of said) {
    await composerOf(page).fill(text);
    await composerOf(page).press('Enter');
    await articleOf(page, text).waitFor();
  }
};

/** What somebody may do no more is refused everywhere within a second: until then an instance that has not heard of it may save. */
export const rightsHold = () => Bun.sleep(2500);
