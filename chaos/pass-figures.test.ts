import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../dev/testing/history.ts';
import { measureFigures } from './checker/figures.ts';
import type { Fault } from './fault.ts';
import { overLimits } from './judged.ts';
import { passFigures } from './pass-figures.ts';

const fault: Fault = { id: 'F99', title: 'a fault', recoveryMsMax: 1000, inject: async () => undefined };
const marks = [{ at: 1000, what: 'kill -9', isOver: true }];
const broken = (at: number): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'error', op: 'HTTP ticket', status: 0, code: 'no-answer', ms: 10 },
});
const shown: HistoryEvent[] = [
  { at: 500, who: 'ann', k: 'send', c: 'c', clientId: 'k', body: 'a' },
  { at: 5000, who: 'bob', k: 'seen', c: 'c', seq: 1, rev: 1, id: 'm', clientId: 'k', via: 'resume' },
];
const broke = (limits: Partial<Fault>, events: HistoryEvent[], leniency = 1, maxMs: number | null = 900) => {
  const recovery = { baselinePerSecond: 100, recoveredMs: [maxMs], maxMs };
  const recorded = { events, marks, recovery, figures: measureFigures(events, marks), leniency };
  return overLimits(passFigures({ ...fault, ...limits }, recorded)).map(({ what }) => what);
};

describe('passFigures', () => {
  it('judges how long the recovery took, and that it came', () => {
    expect(broke({}, [])).toEqual([]);
    expect(broke({ recoveryMsMax: 800 }, [])).toEqual(['recovery, ms: 900, allowed is ≤ 800']);
    expect(broke({ recoveryMsMax: 800 }, [], 3)).toEqual([]);
    expect(broke({}, [], 3, null)).toEqual(['recovery, ms: never, allowed is ≤ 3000']);
  });

  it('judges how late deliveries are once the fault is over', () => {
    expect(broke({ lagAfterP99MsMax: 4000 }, shown)).toEqual([]);
    expect(broke({ lagAfterP99MsMax: 3000 }, shown)).toEqual([
      'shown after the fault p99, ms: 4000, allowed is ≤ 3000',
    ]);
    expect(broke({ lagAfterP99MsMax: 3000 }, [])).toEqual([]);
  });

  it('counts what broke off without a death to blame', () => {
    expect(broke({ unansweredMax: 0 }, [broken(1005)])).toEqual([]);
    expect(broke({ unansweredMax: 0 }, [broken(1005), broken(4000)])).toHaveLength(1);
    expect(broke({}, [broken(4000)])).toEqual([]);
  });

  it('takes in what the fault itself reads from the record', () => {
    const judge: Fault['judge'] = ({ events }) => [{ invariant: 'I4', what: 'events', value: events.length, max: 1 }];
    expect(broke({ judge }, shown)).toEqual(['events: 2, allowed is ≤ 1']);
  });
});
