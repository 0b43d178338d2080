import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { measureFigures } from './figures.ts';

const seen = { k: 'seen', c: 'c', seq: 1, rev: 1, id: 'm', clientId: 'k' } as const;
const events: HistoryEvent[] = [
  { at: 0, who: 'ann', k: 'send', c: 'c', clientId: 'k', body: 'a' },
  { at: 4, who: 'ann', k: 'ack', c: 'c', clientId: 'k', id: 'm', seq: 1 },
  { at: 6, who: 'bob', ...seen, via: 'push' },
  { at: 700, who: 'bob', ...seen, rev: 2, via: 'push' },
  { at: 9000, who: 'eve', ...seen, via: 'resume' },
  { at: 10, who: 'bob', k: 'closed', code: 1006 },
  { at: 510, who: 'bob', k: 'resumed' },
  { at: 20, who: 'bob', k: 'error', op: 'HTTP message.send', status: 503, code: 'unavailable', ms: 3 },
  { at: 20, who: 'bob', k: 'error', op: 'message.send', status: 503, code: 'unavailable', ms: 3 },
];

describe('measureFigures', () => {
  it('measures answers, pushes and resumes, and counts what HTTP answered with 5xx', () => {
    expect(measureFigures(events)).toMatchObject({ ackP50Ms: 4, lagP99Ms: 6, resumeP99Ms: 500, serverErrors: 1 });
  });

  it('says so where there is nothing to measure', () => {
    expect(measureFigures([])).toMatchObject({ ackP50Ms: null, lagP99Ms: null, resumeP99Ms: null, serverErrors: 0 });
  });
});
