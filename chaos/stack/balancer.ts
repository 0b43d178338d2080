import { ChaosProxy, type ProxyOptions, type Target } from '../proxy/proxy.ts';

export interface BalancerOptions extends ProxyOptions {
  /** Whether a target takes new connections now: its `/health/ready`. */
  readonly isReady: (target: Target) => Promise<boolean>;
}

/** As often as a load balancer of these days asks; one bad answer is enough. */
const askEveryMs = 500;

/**
 * What stands before instances that people reach: a proxy that gives new connections in turn to those that say that they are ready, and to all where none does,
 * and passes over who refuses. Connections that are open stay.
 */
export class Balancer extends ChaosProxy {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #all: readonly Target[];

  constructor(readonly options: BalancerOptions) {
    super(options);
    this.#all = options.targets;
    this.#timer = setInterval(() => void this.look(), askEveryMs);
  }

  /** One round of questions; by itself every half second. */
  async look(): Promise<void> {
    const ready = await Promise.all(this.#all.map(this.options.isReady));
    const chosen = this.#all.filter((_, at) => ready[at]);
    this.targets = chosen.length > 0 ? chosen : this.#all;
  }

  override stop(): void {
    clearInterval(this.#timer);
    super.stop();
  }
}
