/** Remembers the last ids, at most `max`: an event that comes again is known for as long as that. */
export class Seen {
  readonly #ids = new Set<string>();

  constructor(private readonly max: number) {}

  /** Whether the id is new; notes it. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    if (this.#ids.size >= this.max) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    this.#ids.add(id);
    return true;
  }
}
