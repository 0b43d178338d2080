/** What stops the embedded stack, in words for the person who ran the command: what is wrong, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly fault: string,
    readonly remedy: string,
    options?: { cause: unknown },
  ) {
    super(`${fault}\n  ${remedy}`, options);
  }
}
