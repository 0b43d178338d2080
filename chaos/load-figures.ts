import type { Judged } from './judged.ts';
import type { LoadPlan } from './load/plan.ts';

/** Of the planned rate: a machine that cannot do so much while nothing is wrong shows nothing of a fault. */
const baselineShareMin = { whole: 0.9, short: 0.5 };

interface Load {
  readonly plan: Pick<LoadPlan, 'messagesPerSecond'> & { readonly loud?: Pick<LoadPlan, 'messagesPerSecond'> };
  readonly isShort: boolean;
}

/** That there was a load at all: an empty run breaks no other rule. */
export const loadFigures = (
  { acked, baselinePerSecond }: { readonly acked: number; readonly baselinePerSecond: number },
  { plan, isShort }: Load,
): Judged[] => {
  const planned = plan.messagesPerSecond + (plan.loud?.messagesPerSecond ?? 0);
  const min = planned * (isShort ? baselineShareMin.short : baselineShareMin.whole);
  return [
    { invariant: 'I7', what: 'acknowledged', value: acked, min: 1 },
    { invariant: 'I7', what: 'acknowledged a second before the fault', value: baselinePerSecond, min },
  ];
};
