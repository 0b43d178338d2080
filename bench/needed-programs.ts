import { requireRedisServer } from '../dev/redis.ts';
import { StartError } from '../dev/start-error.ts';
import { findAnyChromium } from '../dev/test-run/tools.ts';
import type { SuiteName } from './arguments.ts';

/** Refuses to begin where a program is missing that no npm package brings. */
export const requirePrograms = async (name: SuiteName): Promise<void> => {
  requireRedisServer();
  if (Bun.which('node') === null)
    throw new StartError('node is not on PATH: the peers run on it.', 'Install it (Debian: `apt-get install nodejs`).');
  if (name === 'web' && (await findAnyChromium()) === undefined)
    throw new StartError(
      'There is no Chromium here: the web client runs in it.',
      'Install it (Debian: `apt-get install chromium`), or name one in CHROME_PATH.',
    );
};
