import { type Breaker, type BreakerOptions, type BreakerState, createBreaker } from './breaker.ts';

export interface MembersOptions extends Omit<BreakerOptions, 'onChange'> {
  readonly onChange: (member: string, state: BreakerState) => void;
}

export interface Members {
  /** The best state of any: a call goes there. */
  readonly state: BreakerState;
  breakerOf(member: string): Breaker;
  /** Who gets an attempt: one that was not tried and whose circuit lets it through, else one whose circuit does; else anybody, who refuses. */
  choose(pick: Pick | undefined, tried: ReadonlySet<string>): string;
  /** Whether `choose` would find one that was not tried. */
  hasOther(pick: Pick | undefined, tried: ReadonlySet<string>): boolean;
}

/** Names somebody outside `avoided` where there is anybody. */
type Pick = (avoided: ReadonlySet<string>) => string;

/** Instances come and go with deployments: the one that was called first is forgotten, and begins anew with a closed circuit. */
const membersMax = 256;

/** The members of a destination, each with a breaker of its own. Without `pick` there is one, which bears the destination's name. */
export function createMembers({ onChange, ...options }: MembersOptions): Members {
  const breakers = new Map<string, Breaker>();

  function breakerOf(member: string): Breaker {
    const known = breakers.get(member);
    if (known) return known;
    const breaker = createBreaker({ ...options, onChange: (state) => onChange(member, state) });
    breakers.set(member, breaker);
    const oldest = breakers.keys().next().value;
    if (breakers.size > membersMax && oldest !== undefined) breakers.delete(oldest);
    return breaker;
  }

  /** Asks until somebody is named whose circuit is not open, or who was to be avoided. */
  function find(pick: Pick, unwanted: ReadonlySet<string>): string | undefined {
    let avoided = unwanted;
    for (;;) {
      const member = pick(avoided);
      if (avoided.has(member)) return undefined;
      if (!breakerOf(member).isRefusing) return member;
      avoided = new Set([...avoided, member]);
    }
  }

  return {
    get state() {
      const states = new Set([...breakers.values()].map(({ state }) => state));
      return (['closed', 'half-open', 'open'] as const).find((state) => states.has(state)) ?? 'closed';
    },
    breakerOf,
    choose: (pick, tried) => (pick ? (find(pick, tried) ?? find(pick, new Set()) ?? pick(new Set())) : options.name),
    hasOther: (pick, tried) => pick !== undefined && find(pick, tried) !== undefined,
  };
}
