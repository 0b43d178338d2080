import { expect, it } from 'bun:test';
import { fileURLToPath } from 'node:url';
import { browser, disabledFeatures } from './browser.ts';

it('opens a page in real Chromium', async () => {
  const chromium = await browser();
  try {
    const page = await chromium.newPage();
    await page.setContent('<button onclick="this.textContent = 1 + 1">add</button>');
    await page.getByRole('button', { name: 'add' }).click();
    expect(await page.getByRole('button').textContent()).toBe('2');
  } finally {
    await chromium.close();
  }
}, 60_000);

it('turns off what Playwright does', async () => {
  const bundle = await Bun.file(fileURLToPath(import.meta.resolve('playwright-core/lib/coreBundle'))).text();
  const [, list = ''] = /\bdisabledFeatures = \[([^\]]+)\]/.exec(bundle) ?? [];
  const names = [...list.matchAll(/^\s*"(\w+)",?$/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(5);
  expect(disabledFeatures).toEqual(expect.arrayContaining(names));
});
