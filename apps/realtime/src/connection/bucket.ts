export interface BucketRule {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket: `burst` at once, then `perSecond`. Two numbers a holder, so that every socket can have one. */
export class Bucket {
  #level: number;
  #at: number;

  constructor(
    private readonly rule: BucketRule,
    now: number,
  ) {
    this.#level = rule.burst;
    this.#at = now;
  }

  /** Takes one; answers 0, or how long to wait for it, ms. */
  take(now: number): number {
    const { burst, perSecond } = this.rule;
    this.#level = Math.min(burst, this.#level + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    // Fractions add up to a little less than they should.
    if (this.#level >= 1 - 1e-9) {
      this.#level -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#level) / perSecond) * 1000 - 1e-6);
  }
}
