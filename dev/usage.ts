/** Reads arguments. An option that there is not, `--help` among them, is refused with all that there are. */
export const withUsage = <T>(usage: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\nUsage: ${usage}`);
  }
};
