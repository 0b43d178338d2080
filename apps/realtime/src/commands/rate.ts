import { limits } from '@chatapp/contract/limits';
import { Bucket } from '../connection/bucket.ts';

export interface RateOptions {
  readonly perMinute: number;
  readonly now: () => number;
  /** Adds counts of this node to those of all nodes for a minute; answers the sums. */
  readonly addToCounts: (minute: number, counts: ReadonlyMap<string, number>) => Promise<Map<string, number>>;
}

export interface Rate {
  /** Takes one command under the id of a person or a conversation; answers 0, or how long to wait, ms. */
  take(id: string): number;
  /** Reports what was taken since the last time; then nobody gets more than the limit on all nodes together. */
  report(): Promise<void>;
}

interface Holder {
  readonly bucket: Bucket;
  /** What was taken in `minute`, and how much of it was reported. */
  minute: number;
  taken: number;
  reported: number;
  /** The minute in which no more is given, because all nodes together gave the limit. */
  usedUp: number;
}

const holdersMax = 50_000;

/**
 * So many commands a minute a person, or a conversation, with a burst of a sixth of them (120 and 20 of a person). Each node keeps a bucket, so that a command waits for nobody; a few times a second the nodes
 * add up in Redis what they gave, and whoever used a minute up over all nodes waits for the next. Redis down: each node by itself. Who took less
 * than their sockets' share of a minute is not reported: so little on every node they can have is within the limit, and nearly everybody is like
 * that. What two nodes can give too much is what fits into one report's interval.
 */
export const createRate = ({ perMinute, now, addToCounts }: RateOptions): Rate => {
  const rule = { burst: Math.ceil(perMinute / 6), perSecond: perMinute / 60 };
  // The buckets of all nodes together give a burst more in a minute than its rate.
  const minuteMax = perMinute + rule.burst;
  const reportedFrom = Math.ceil(perMinute / limits.socketsPerPersonMax);
  const holders = new Map<string, Holder>();
  const toReport = new Map<string, Holder>();
  const minuteAt = () => Math.floor(now() / 60_000);

  const holderOf = (userId: string): Holder => {
    const known = holders.get(userId);
    if (known !== undefined) return known;
    if (holders.size >= holdersMax) holders.clear();
    const holder = { bucket: new Bucket(rule, now()), minute: -1, taken: 0, reported: 0, usedUp: -1 };
    holders.set(userId, holder);
    return holder;
  };

  const note = (userId: string, holder: Holder) => {
    const minute = minuteAt();
    if (holder.minute !== minute) Object.assign(holder, { minute, taken: 0, reported: 0 });
    holder.taken++;
    if (holder.taken >= reportedFrom) toReport.set(userId, holder);
  };

  return {
    take(userId) {
      const holder = holderOf(userId);
      if (holder.usedUp === minuteAt()) return (holder.usedUp + 1) * 60_000 - now();
      const waitMs = holder.bucket.take(now());
      if (waitMs === 0) note(userId, holder);
      return waitMs;
    },
    async report() {
      if (toReport.size === 0) return;
      const minute = minuteAt();
      const reported = new Map(toReport);
      const counts = new Map([...reported].map(([userId, holder]) => [userId, holder.taken - holder.reported]));
      toReport.clear();
      for (const holder of reported.values()) holder.reported = holder.taken;
      for (const [userId, total] of await addToCounts(minute, counts)) {
        const holder = reported.get(userId);
        if (holder !== undefined && total >= minuteMax) holder.usedUp = minute;
      }
    },
  };
};
