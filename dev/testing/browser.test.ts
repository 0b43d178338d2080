import { expect, it } from 'bun:test';
import { browser } from './browser.ts';

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
