export interface ShardState {
  readonly waiting: number;
  readonly isHeld: boolean;
}

export interface ShardWatchOptions {
  readonly read: (shard: number) => Promise<ShardState>;
  readonly now: () => number;
}

export interface ShardWatch {
  /** Notes that a command goes to the shard; answers why it should not, for now. */
  refusal(shard: number): 'backlog' | 'no-writer' | undefined;
  /** Looks at the shards that were used lately. */
  look(): Promise<void>;
}

const waitingMax = 50_000;
const unheldMaxMs = 10_000;
const usedForMs = 15_000;

interface Watched {
  usedAt: number;
  waiting: number;
  /** When the lease was last seen held, or the shard first looked at. */
  heldAt: number;
}

/** Keeps an eye on the writer of each shard in use, so that a command which nobody would save for long is refused at once. */
export const createShardWatch = ({ read, now }: ShardWatchOptions): ShardWatch => {
  const watched = new Map<number, Watched>();
  return {
    refusal(shard) {
      const known = watched.get(shard);
      if (known === undefined) {
        watched.set(shard, { usedAt: now(), waiting: 0, heldAt: now() });
        return undefined;
      }
      known.usedAt = now();
      if (known.waiting > waitingMax) return 'backlog';
      return now() - known.heldAt > unheldMaxMs ? 'no-writer' : undefined;
    },
    async look() {
      await Promise.all(
        [...watched].map(async ([shard, state]) => {
          if (now() - state.usedAt > usedForMs) {
            watched.delete(shard);
            return;
          }
          const { waiting, isHeld } = await read(shard);
          state.waiting = waiting;
          if (isHeld) state.heldAt = now();
        }),
      );
    },
  };
};
