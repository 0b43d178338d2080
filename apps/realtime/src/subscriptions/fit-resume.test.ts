import { describe, expect, it } from 'bun:test';
import type { Resumed } from '@chatapp/contract/frames';
import type { Message } from '@chatapp/contract/shapes';
import { fitResume, type ResumeFinding } from './fit-resume.ts';

const message = (rev: number, body: string) => ({ rev, seq: rev, body }) as Message;

const changes = (c: string, count: number, bodyLength = 1) => {
  const resumed = {
    c,
    changes: Array.from({ length: count }, (_, index) => message(index + 1, 'é'.repeat(bodyLength))),
    after: 0,
    to: count,
    headRev: count,
    headSeq: count,
  };
  return { c, finding: { kind: 'changes', resumed } satisfies ResumeFinding };
};

const kinds = (text: string) =>
  (JSON.parse(text) as Resumed).conversations.map((item) => ('changes' in item ? item.changes.length : 'reset'));

describe('fitResume', () => {
  it('answers what fits, in the order listed, and resets the rest', () => {
    expect(kinds(fitResume([changes('a', 200), changes('b', 101), changes('c', 100), changes('d', 1)]))).toEqual([
      200,
      'reset',
      100,
      'reset',
    ]);
  });

  it('counts bytes, not characters', () => {
    const text = fitResume([changes('a', 30, 3000), changes('b', 30, 3000), changes('c', 1)]);
    expect(kinds(text)).toEqual([30, 'reset', 1]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(262_144);
  });

  it('stays within its bytes with a thousand conversations', () => {
    const listed = Array.from({ length: 1000 }, (_, index) =>
      changes(`018f3c5e-0000-7000-8000-${String(index).padStart(12, '0')}`, 3, 200),
    );
    const text = fitResume(listed);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(262_144);
    expect(kinds(text)).toHaveLength(1000);
  });

  it('says gone and keeps the heads of a reset', () => {
    const text = fitResume([
      { c: 'a', finding: { kind: 'gone' } },
      { c: 'b', finding: { kind: 'reset', headRev: 9, headSeq: 4 } },
    ]);
    expect(JSON.parse(text)).toEqual({
      conversations: [
        { c: 'a', gone: true },
        { c: 'b', reset: true, headRev: 9, headSeq: 4 },
      ],
    });
  });

  it('writes a page once, however many connections get it or have no room for it', () => {
    let written = 0;
    const shared = changes('a', 200);
    Object.assign(shared.finding.resumed.changes[0] ?? {}, { toJSON: () => ({ written: ++written }) });
    for (let connection = 0; connection < 5; connection++) {
      const { resumed } = shared.finding;
      // Each connection has a head of its own around the page that all share.
      const mine = { c: 'a', finding: { ...shared.finding, resumed: { ...resumed, headSeq: 200 + connection } } };
      expect(kinds(fitResume([mine]))).toEqual([200]);
      expect(kinds(fitResume([changes('b', 60, 2000), mine]))).toEqual([60, 200]);
      expect(kinds(fitResume([changes('b', 65, 2000), mine]))).toEqual([65, 'reset']);
    }
    expect(written).toBe(1);
  });
});
