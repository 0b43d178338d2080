import { StartError } from './start-error.ts';

/** Reads arguments. An option that there is not, `--help` among them, is refused with all that there are. */
export const withUsage = <T>(usage: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error), `Usage: ${usage}`);
  }
};
