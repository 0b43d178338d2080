import type { Message } from '@chatapp/contract/shapes';

export interface Timeline {
  /** The `rev` up to which nothing is missing. */
  have: number;
  filling: boolean;
  /** Whether it was new, or newer than what was known: of two states the higher `rev` stays. */
  put(message: Message): boolean;
  messages(): Message[];
  readonly size: number;
  clear(): void;
}

/** A client's messages of one conversation; `slim` keeps their places only, where memory should not hold every text. */
export const createTimeline = ({ slim = false } = {}): Timeline => {
  const revs = new Map<number, number>();
  const bySeq = new Map<number, Message>();
  return {
    have: 0,
    filling: false,
    put(message) {
      if ((revs.get(message.seq) ?? 0) >= message.rev) return false;
      revs.set(message.seq, message.rev);
      if (!slim) bySeq.set(message.seq, message);
      return true;
    },
    messages: () => [...bySeq.values()].sort((one, other) => one.seq - other.seq),
    get size() {
      return revs.size;
    },
    clear() {
      revs.clear();
      bySeq.clear();
    },
  };
};
