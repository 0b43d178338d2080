/** Frames that wait for an earlier one; more are not kept, they are fetched with the hole. */
const heldMax = 1000;

/**
 * The place of one conversation on this node: hands on each change once, in the order of `rev`.
 *
 * Without a position (nobody has read the head yet) it only holds. A change that comes before an earlier one waits for it; when
 * that does not come, `isMissing` says so and the hole has to be fetched.
 */
export class Order {
  #position: number | undefined;
  /** The highest `rev` that is known to exist. */
  #known = 0;
  #held: Map<number, string> | undefined;

  /** The last `rev` that was handed on, or the head that was read first. */
  get position(): number | undefined {
    return this.#position;
  }

  get isMissing(): boolean {
    return this.#position !== undefined && this.#known > this.#position;
  }

  /** Takes a change; answers the frames that are now in turn. */
  accept(rev: number, frame: string): string[] {
    if (this.#position !== undefined && rev <= this.#position) return [];
    this.#known = Math.max(this.#known, rev);
    if (this.#position === undefined || rev > this.#position + 1) {
      this.#held ??= new Map();
      if (this.#held.size < heldMax) this.#held.set(rev, frame);
      return [];
    }
    this.#position = rev;
    return this.#held === undefined ? [frame] : [frame, ...this.#drain()];
  }

  /** Takes the head that was read as the position, where there is none; answers the frames after it. */
  begin(head: number): string[] {
    if (this.#position !== undefined) return [];
    return this.#moveTo(head);
  }

  /** Everything up to `to` was handed on by another way; answers the frames after it. */
  fill(to: number): string[] {
    return this.#position === undefined || to <= this.#position ? [] : this.#moveTo(to);
  }

  /** A change with this `rev` exists, though it was not seen. */
  expect(head: number): void {
    this.#known = Math.max(this.#known, head);
  }

  /** What is missing does not exist: drops what waits for it. */
  disbelieve(): void {
    this.#known = this.#position ?? 0;
    this.#held = undefined;
  }

  /** The history is another one now: begin again. */
  forget(): void {
    this.#position = undefined;
    this.#known = 0;
    this.#held = undefined;
  }

  #moveTo(position: number): string[] {
    this.#position = position;
    for (const rev of this.#held?.keys() ?? []) if (rev <= position) this.#held?.delete(rev);
    return this.#drain();
  }

  #drain(): string[] {
    const ready: string[] = [];
    while (this.#held !== undefined && this.#position !== undefined) {
      const frame = this.#held.get(this.#position + 1);
      if (frame === undefined) break;
      this.#held.delete(++this.#position);
      ready.push(frame);
    }
    if (this.#held?.size === 0) this.#held = undefined;
    return ready;
  }
}
