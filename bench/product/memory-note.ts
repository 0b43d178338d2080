/** What a process's memory holds, bytes, and how many objects of each type. `heap` and `external` (what objects keep outside the heap) are parts of `resident`. */
export interface MemoryNote {
  readonly resident: number;
  readonly heap: number;
  readonly external: number;
  readonly objects: Readonly<Record<string, number>>;
}

/** What one more of something holds: bytes, and objects by type, the most first. */
export interface MemoryOfOne {
  readonly resident: number;
  readonly heap: number;
  readonly external: number;
  readonly objects: readonly { readonly type: string; readonly count: number }[];
}

const typesMax = 12;

/** What `count` more of something added to some processes, divided among them. */
export const memoryOfOne = (
  before: readonly MemoryNote[],
  after: readonly MemoryNote[],
  count: number,
): MemoryOfOne => {
  const added = (pick: (note: MemoryNote) => number): number => (total(after, pick) - total(before, pick)) / count;
  const types = new Set(after.flatMap(({ objects }) => Object.keys(objects)));
  const objects = Array.from(types, (type) => ({ type, count: added((note) => note.objects[type] ?? 0) }))
    .filter(({ count }) => count >= 0.1)
    .sort((one, other) => other.count - one.count)
    .slice(0, typesMax);
  return {
    resident: added(({ resident }) => resident),
    heap: added(({ heap }) => heap),
    external: added(({ external }) => external),
    objects,
  };
};

const total = (notes: readonly MemoryNote[], pick: (note: MemoryNote) => number): number =>
  notes.reduce((sum, note) => sum + pick(note), 0);
