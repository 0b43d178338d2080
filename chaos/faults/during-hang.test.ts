import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { measureFigures } from '../checker/figures.ts';
import { overLimits } from '../judged.ts';
import { duringHangs } from './during-hang.ts';

const marks = [
  { at: 1000, what: 'SIGSTOP redis', isOver: false },
  { at: 9000, what: 'SIGCONT redis', isOver: true },
];
const send = (at: number, clientId = `k${at}`): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'send', c: 'c', clientId, body: 'a' },
});
const ack = (at: number, clientId: string): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'ack', c: 'c', clientId, id: 'm', seq: 1 },
});
const failed = (at: number, clientId: string, status = 503): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'error', op: 'message.send', status, code: 'unavailable', ms: 1, clientId },
});
const broke = (...events: HistoryEvent[]) => {
  const recovery = { baselinePerSecond: 1, recoveredMs: [], maxMs: 0 };
  const recorded = { events, marks, recovery, figures: measureFigures(events), leniency: 1 };
  return overLimits(duringHangs(recorded)).map(({ what }) => what.replace('SIGSTOP redis: ', ''));
};
const good = [send(1500), failed(3500, 'k1500'), ack(5500, 'k1500'), send(5000), ack(8000, 'k5000')];

describe('duringHangs', () => {
  it('lets sends be refused first, and saved by the other road', () => expect(broke(...good)).toEqual([]));

  it('finds a send that nobody answers, or too late', () => {
    expect(broke(...good, send(2000))).toEqual(['slowest answer, ms: never, allowed is ≤ 3000']);
    expect(broke(...good, send(2000), failed(7000, 'k2000', 0), ack(7500, 'k2000'))).toEqual([
      'slowest answer, ms: 5500, allowed is ≤ 3000',
    ]);
  });

  it('finds that acknowledgements stop, or never come', () => {
    expect(broke(...good.slice(0, 2))).toEqual([
      'acknowledged in it: 0, allowed is ≥ 1',
      'longest without, ms: 7900, allowed is ≤ 5000',
    ]);
    expect(broke(...good.slice(0, 2), ack(8500, 'k1500'))).toEqual(['longest without, ms: 7400, allowed is ≤ 5000']);
  });

  it('counts what was made in it only: an answer that was on its way says nothing', () =>
    expect(broke(send(900), ...good.slice(0, 2), ack(1200, 'k900'))).toHaveLength(2));
});
