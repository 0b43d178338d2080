import { firstShown, lagP99Between, type Shown } from '../checker/lag.ts';
import type { Judged } from '../judged.ts';
import type { Recorded } from '../pass-figures.ts';

/** A machine of two cores that also makes the load is not steadier than this from minute to minute, ms. */
const noiseMs = 50;
const growthMax = 1.2;
const beforeMs = 8000;

/** What the fault does to those whom it is not about: their deliveries may take a fifth longer than before it, and `noiseMs`. Until it is over, or a time before. */
export const othersLag = (
  { events, marks, leniency }: Recorded,
  isOther: (shown: Shown) => boolean = () => true,
  end: number = marks.findLast(({ isOver }) => isOver)?.at ?? 0,
): Judged[] => {
  const begin = marks[0]?.at ?? 0;
  const shown = firstShown(events).filter(isOther);
  const before = lagP99Between(shown, begin - beforeMs, begin) ?? 0;
  const value = lagP99Between(shown, begin, end);
  const max = Math.round((growthMax * before + noiseMs) * leniency);
  return [{ invariant: 'I7', what: 'shown to others p99, ms', value, max }];
};
