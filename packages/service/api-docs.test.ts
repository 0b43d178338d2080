import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { Elysia, t } from 'elysia';
import type { Browser } from 'playwright-core';
import { browser } from '../../dev/testing/browser.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { apiDocs } from './api-docs.ts';

let chromium: Browser;
let server: Bun.Server<undefined>;
beforeAll(async () => {
  chromium = await browser();
  const app = new Elysia()
    .use(apiDocs({ name: 'things', about: 'Of **things**.' }))
    .post('/things/:id', ({ body }) => body, {
      params: t.Object({ id: t.String() }),
      body: t.Object({ name: t.String() }),
      response: { 200: t.Object({ name: t.String() }) },
      detail: { tags: ['things'], summary: 'Makes a thing.', security: [{ bearer: [] }] },
    });
  server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: app.fetch });
}, 60_000);
afterAll(async () => {
  await chromium?.close();
  await server?.stop(true);
});

describe('/swagger', () => {
  it('S42: is shown, opened and tried out under a policy that allows nothing inline', async () => {
    const page = await chromium.newPage();
    const violations: string[] = [];
    page.on('console', (message) => {
      if (message.text().startsWith('violation')) violations.push(message.text());
    });
    await page.addInitScript(`document.addEventListener('securitypolicyviolation',
      ({ violatedDirective, sample }) => console.log('violation', violatedDirective, sample))`);
    const answer = await page.goto(`http://127.0.0.1:${server.port}/swagger`);
    const policy = answer?.headers()['content-security-policy'] ?? '';
    expect([policy.includes("style-src 'self'"), policy.includes('unsafe')]).toEqual([true, false]);
    await page.locator('.opblock-summary-control').click();
    await page.locator('.try-out__btn').click();
    await page.locator('.parameters input').fill('1');
    await page.locator('.execute').click();
    await page.locator('.live-responses-table .response-col_description').first().waitFor();
    await page.locator('.authorize').first().click();
    await page.locator('.modal-ux').waitFor();
    expect(violations).toEqual([]);
    // What is inline would have been seen.
    await page.locator('body').evaluate((body) => body.setAttribute('style', 'color: red'));
    await eventually(() => violations.length === 1);
  }, 60_000);
});
