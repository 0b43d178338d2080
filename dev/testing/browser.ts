import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../chromium.ts';

/** Launches the Chromium of this machine, else the one that playwright-core installed, with a fresh profile; the caller closes it. */
export async function browser(): Promise<Browser> {
  const executablePath = findChromium();
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      // Chromium's sandbox refuses root, as in CI containers.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-dev-shm-usage',
    ],
  });
}
