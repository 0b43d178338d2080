import type { Position } from './draft.ts';

/** Beyond these all are forgotten, and read again. */
const keptMax = 100_000;

/** The heads of conversations as this instance last committed them. Others may have moved them on since: whoever builds on one must guard it. */
export class KnownHeads {
  readonly #heads = new Map<string, Position>();

  /** The heads of all these conversations; undefined where one is not known. */
  of(conversationIds: Iterable<string>): Map<string, Position> | undefined {
    const found = new Map<string, Position>();
    for (const id of conversationIds) {
      const head = this.#heads.get(id);
      if (head === undefined) return undefined;
      found.set(id, head);
    }
    return found;
  }

  note(heads: ReadonlyMap<string, Position>): void {
    if (this.#heads.size + heads.size > keptMax) this.#heads.clear();
    for (const [id, head] of heads) this.#heads.set(id, head);
  }

  forget(conversationIds: Iterable<string>): void {
    for (const id of conversationIds) this.#heads.delete(id);
  }
}
