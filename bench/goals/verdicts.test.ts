import { describe, expect, it } from 'bun:test';
import { ratioVerdict, skippedVerdict, valueVerdict } from './verdicts.ts';

const figures = { medians: { ours: 20, theirs: 50 }, rounds: { ours: [20], theirs: [50] } };
const asked = { goal: 'G1', title: 't', measure: 'm', unit: '×', figures };

describe('ratioVerdict', () => {
  it('holds at the target itself, and not below', () => {
    const verdict = (atLeast: number) => ratioVerdict({ ...asked, target: { atLeast }, of: 'theirs', by: 'ours' });
    expect(verdict(2.5)).toMatchObject({ figure: 2.5, holds: true, target: '≥ 2.5' });
    expect(verdict(2.51).holds).toBe(false);
  });

  it('does not hold where somebody was not measured', () => {
    expect(ratioVerdict({ ...asked, target: { atLeast: 1 }, of: 'nobody', by: 'ours' }).holds).toBe(false);
  });
});

describe('valueVerdict', () => {
  it('holds up to the target', () => {
    expect(valueVerdict({ ...asked, target: { atMost: 20 }, of: 'ours' })).toMatchObject({ figure: 20, holds: true });
    expect(valueVerdict({ ...asked, target: { atMost: 19.9 }, of: 'ours' }).holds).toBe(false);
  });
});

describe('skippedVerdict', () => {
  it('never holds', () => {
    expect(skippedVerdict({ ...asked, target: { atMost: 1 } }, 'no psql')).toMatchObject({
      figure: null,
      holds: false,
      skipped: 'no psql',
    });
  });
});
