import { median } from './numbers.ts';

/** What each contestant measured in each round. */
export class Rounds<T> {
  readonly #byName = new Map<string, T[]>();

  note(name: string, measured: T): void {
    const known = this.#byName.get(name) ?? [];
    known.push(measured);
    this.#byName.set(name, known);
  }

  of(name: string): readonly T[] {
    return this.#byName.get(name) ?? [];
  }

  median(name: string, pick: (measured: T) => number): number {
    return median(this.of(name).map(pick));
  }

  /** One number of everybody, by name: of all rounds, and their medians. */
  figures(pick: (measured: T) => number): {
    readonly medians: Record<string, number>;
    readonly rounds: Record<string, number[]>;
  } {
    const rounds = Object.fromEntries(Array.from(this.#byName, ([name, all]) => [name, all.map(pick)]));
    const medians = Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, median(values)]));
    return { medians, rounds };
  }
}

/** In each round another one begins, so that nobody always comes first after a rest. */
export const rotated = <T>(items: readonly T[], round: number): T[] => {
  const from = round % Math.max(1, items.length);
  return [...items.slice(from), ...items.slice(0, from)];
};
