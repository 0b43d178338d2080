/**
 * How a request to an instance went: `refused` where no connection was made, `leaving` where it said that it takes nothing now, `unknown` where it says
 * nothing about the instance.
 */
export type InstanceOutcome = 'ok' | 'failed' | 'refused' | 'leaving' | 'unknown';

/** One process of a service. */
export interface Instance {
  readonly url: string;
  readonly origin: string;
  /** Requests that wait for its answer, and sockets that it has. */
  readonly busy: number;
  /** When it last answered anything, ms. */
  readonly answeredAt: number;
  /** Begins a request; call the answer once with how it went. */
  begin(): (outcome: InstanceOutcome) => void;
  /** What an active check found: `draining` where the instance itself says that it wants no more. */
  noteCheck(found: 'ready' | 'draining' | 'silent'): void;
}

/** The instances of one service, of which a request takes one. */
export interface Cluster {
  readonly name: string;
  readonly instances: readonly Instance[];
  /** How many may take requests now. */
  readonly available: number;
  /** Of two at random the less busy one's address; those in `avoided` only where there is no other. Empty where there are no instances at all. */
  pick(avoided?: ReadonlySet<string>): string;
  at(url: string): Instance | undefined;
  /** Replaces the instances: one that stays keeps what is known of it, one that goes finishes what it has. */
  replace(urls: readonly string[]): void;
}

export interface ClusterOptions {
  readonly name: string;
  readonly urls: readonly string[];
  readonly now: () => number;
  readonly random: () => number;
}

/** Left out when at least so many of its requests, and so much of them, failed within two windows; a first time for 5 s, then twice as long. */
const failuresMin = 5;
const failureRate = 0.5;
const windowMs = 5000;
const restMs = { refused: 1000, first: 5000, max: 60_000 };
/** Two silent checks in a row: one may be lost. */
const silentChecksMax = 2;

interface State {
  busy: number;
  answeredAt: number;
  silentChecks: number;
  isDraining: boolean;
  restUntil: number;
  restMs: number;
  /** It comes back from a rest: its next failure sends it away again. */
  onProbation: boolean;
  windowAt: number;
  present: { failed: number; all: number };
  former: { failed: number; all: number };
}

type KnownInstance = Instance & { readonly isAvailable: () => boolean };

/**
 * The choice among a service's instances. An instance is left out while its health check fails or it drains, and for a rest when it refuses connections or
 * half of its requests fail; where that would leave none, all are asked: a wrong judgement must not turn a slow service into none.
 */
export const createCluster = ({ name, urls, now, random }: ClusterOptions): Cluster => {
  let instances = urls.map((url) => createInstance(url, now));
  const randomOf = (candidates: readonly KnownInstance[]) => candidates[Math.floor(random() * candidates.length)];

  return {
    name,
    get instances() {
      return instances;
    },
    get available() {
      return instances.filter((one) => one.isAvailable()).length;
    },
    pick(avoided = new Set()) {
      const [only] = instances;
      if (only !== undefined && instances.length === 1) return only.url;
      const fresh = instances.filter(({ url }) => !avoided.has(url));
      const untried = fresh.length > 0 ? fresh : instances;
      const available = untried.filter((one) => one.isAvailable());
      const candidates = available.length > 0 ? available : untried;
      const one = randomOf(candidates);
      const other = randomOf(candidates.filter((candidate) => candidate !== one));
      return (one && other && other.busy < one.busy ? other : one)?.url ?? '';
    },
    at: (url) => instances.find((one) => one.url === url),
    replace(next) {
      instances = next.map((url) => instances.find((one) => one.url === url) ?? createInstance(url, now));
    },
  };
};

const createInstance = (url: string, now: () => number): KnownInstance => {
  const none = () => ({ failed: 0, all: 0 });
  const state: State = {
    busy: 0,
    answeredAt: Number.NEGATIVE_INFINITY,
    silentChecks: 0,
    isDraining: false,
    restUntil: 0,
    restMs: restMs.first,
    onProbation: false,
    windowAt: now(),
    present: none(),
    former: none(),
  };

  const count = (failed: boolean, at: number) => {
    const age = at - state.windowAt;
    if (age >= windowMs) {
      state.former = age >= 2 * windowMs ? none() : state.present;
      state.present = none();
      state.windowAt = at;
    }
    state.present.all++;
    if (failed) state.present.failed++;
  };
  const failsTooMuch = (): boolean => {
    const failed = state.present.failed + state.former.failed;
    return failed >= failuresMin && failed / (state.present.all + state.former.all) >= failureRate;
  };
  const rest = (at: number) => {
    state.restUntil = at + state.restMs;
    state.restMs = Math.min(restMs.max, state.restMs * 2);
    state.onProbation = true;
    state.present = none();
    state.former = none();
  };
  const note = (outcome: InstanceOutcome) => {
    const at = now();
    switch (outcome) {
      case 'ok':
        state.answeredAt = at;
        count(false, at);
        if (state.onProbation && at >= state.restUntil) {
          state.onProbation = false;
          state.restMs = restMs.first;
        }
        return;
      case 'failed':
        count(true, at);
        if (failsTooMuch() || (state.onProbation && at >= state.restUntil)) rest(at);
        return;
      case 'refused':
        count(true, at);
        state.answeredAt = Number.NEGATIVE_INFINITY;
        // It starts again, perhaps: it is asked again soon.
        state.restUntil = Math.max(state.restUntil, at + restMs.refused);
        return;
      case 'leaving':
        state.answeredAt = at;
        // The next check says when it is back.
        state.isDraining = true;
        return;
      case 'unknown':
        return;
      default:
        outcome satisfies never;
    }
  };

  return {
    url,
    origin: new URL(url).origin,
    get busy() {
      return state.busy;
    },
    get answeredAt() {
      return state.answeredAt;
    },
    isAvailable: () => !state.isDraining && state.silentChecks < silentChecksMax && now() >= state.restUntil,
    begin() {
      let ended = false;
      state.busy++;
      return (outcome) => {
        if (ended) return;
        ended = true;
        state.busy--;
        note(outcome);
      };
    },
    noteCheck(found) {
      state.isDraining = found === 'draining';
      state.silentChecks = found === 'silent' ? state.silentChecks + 1 : 0;
      if (found === 'ready') state.answeredAt = now();
    },
  };
};
