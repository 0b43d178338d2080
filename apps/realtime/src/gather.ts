import type { Clock } from '@chatapp/resilience/clock';

export interface GatherOptions<Ask, Answer> {
  /** Asks with the same key are asked once a batch. */
  readonly keyOf: (ask: Ask) => string;
  /** Answers a whole batch. */
  readonly fetch: (asks: readonly Ask[]) => Promise<Answer>;
  readonly clock: Clock;
  /** When busy, from the start of one batch to that of the next; 5 unless said: nobody notices, and what came meanwhile costs one request. */
  readonly paceMs?: number;
}

/** Resolves with the answer to the batch that the asks went in, or rejects as that did. */
export type Gather<Ask, Answer> = (asks: readonly Ask[]) => Promise<Answer>;

/** No batch waits longer for the one before it: one that hangs must not hold back what could go. */
const patienceMs = 100;

/** Puts what many ask at the same time into one request. When it is quiet an ask goes at once. Of what is on its way already nobody gets a share: it may be older than the ask. */
export const createGather = <Ask, Answer>(options: GatherOptions<Ask, Answer>): Gather<Ask, Answer> => {
  const { keyOf, fetch, clock, paceMs = 5 } = options;
  let waiting: { readonly asks: Map<string, Ask>; readonly answer: PromiseWithResolvers<Answer> } | undefined;
  let running = 0;
  let startedAt = Number.NEGATIVE_INFINITY;

  const startWhenDue = () => {
    if (waiting === undefined) return;
    const passedMs = clock.now() - startedAt;
    if (passedMs < paceMs || (running > 0 && passedMs < patienceMs)) return;
    const { asks, answer } = waiting;
    waiting = undefined;
    startedAt = clock.now();
    running++;
    const end = () => {
      running--;
      startWhenDue();
    };
    fetch([...asks.values()])
      .then(answer.resolve, answer.reject)
      .finally(end);
  };

  const plan = () => {
    const passedMs = clock.now() - startedAt;
    if (passedMs >= paceMs && running === 0) return queueMicrotask(startWhenDue);
    for (const ms of [paceMs, patienceMs]) if (ms > passedMs) clock.sleep(ms - passedMs).then(startWhenDue);
  };

  return (asks) => {
    if (waiting === undefined) {
      waiting = { asks: new Map(), answer: Promise.withResolvers() };
      plan();
    }
    for (const ask of asks) waiting.asks.set(keyOf(ask), ask);
    return waiting.answer.promise;
  };
};
