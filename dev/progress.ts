/** Does a step of the start; one that takes over a second is announced by a line ("starting PostgreSQL…"). */
export async function step<T>(what: string, work: () => Promise<T>, say = console.log): Promise<T> {
  const timer = setTimeout(() => say(`${what}…`), 1_000);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
