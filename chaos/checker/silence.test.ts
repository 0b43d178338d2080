import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { killMessages } from '../faults/f01-kill-messages.ts';
import { overLimits } from '../judged.ts';
import type { Mark } from '../outcome.ts';
import { passFigures } from '../pass-figures.ts';
import { measureFigures } from './figures.ts';
import { longestSilence } from './silence.ts';

const send = (at: number, clientId: string, c = 'c'): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'send', c, clientId, body: 'a' },
});
const ack = (at: number, clientId: string, c = 'c'): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'ack', c, clientId, id: 'm', seq: 1 },
});
const over = (at: number): Mark => ({ at, what: 'SIGCONT', isOver: true });
const begins = (at: number): Mark => ({ at, what: 'SIGSTOP', isOver: false });
const silence = (events: HistoryEvent[], ...marks: Mark[]) => longestSilence(events, marks);

describe('longestSilence', () => {
  it('is from the sending to the next answer in the conversation, whoever asked', () => {
    expect(silence([send(200, 'a'), ack(900, 'a'), send(5000, 'b'), ack(5010, 'b')], over(100))).toBe(700);
    const busy = [send(200, 'a'), send(500, 'b'), ack(600, 'b'), send(700, 'd'), ack(1000, 'd'), ack(1100, 'a')];
    expect(silence(busy, over(100))).toBe(400);
  });

  it('counts in each conversation for itself', () => {
    const other = Array.from({ length: 50 }, (_, n) => [send(n * 100, `o${n}`, 'o'), ack(n * 100 + 5, `o${n}`, 'o')]);
    expect(silence([send(200, 'a'), ...other.flat(), ack(4000, 'a')], over(100))).toBe(3800);
  });

  it('counts from the end of the fault what waited before, and leaves out what lasts while one does', () => {
    expect(silence([send(200, 'a'), ack(9000, 'a')], begins(100), over(8000))).toBe(1000);
    expect(silence([send(200, 'a'), ack(9000, 'a')], over(100), begins(1200), over(8900))).toBe(1000);
    expect(silence([send(200, 'a'), ack(9000, 'a')])).toBeNull();
  });

  it('is not excused by a process that is killed meanwhile', () =>
    expect(silence([send(200, 'a'), ack(9000, 'a')], over(100), over(3000), over(6000))).toBe(8800));

  it('lasts to the end of the history where no answer came', () =>
    expect(silence([send(200, 'a'), send(7200, 'b', 'o')], over(100))).toBe(7000));

  it('lets a refusal and an edit be answers', () => {
    const refused: HistoryEvent = { at: 900, who: 'ann', k: 'refused', c: 'c', clientId: 'a', code: 'forbidden' };
    const change: HistoryEvent = { at: 1000, who: 'ann', k: 'change', c: 'c', clientId: 'e', seq: 1, body: 'b' };
    const changed: HistoryEvent = { at: 1100, who: 'ann', k: 'changed', c: 'c', clientId: 'e', seq: 1, rev: 2 };
    expect(silence([send(200, 'a'), refused, change, changed], over(100))).toBe(700);
  });
});

describe('three shards of sixteen that nobody serves for 25 s', () => {
  const rooms = Array.from({ length: 16 }, (_, n) => `c${n}`);
  const kills = Array.from({ length: 8 }, (_, n) => over(10_000 + n * 3500));
  const isStalled = (c: string, at: number) => rooms.indexOf(c) < 3 && at >= 10_000 && at < 35_000;
  const events = Array.from({ length: 500 }, (_, n) => n * 100).flatMap((at) =>
    rooms.map((c, n) => [send(at + n, `${c} ${at}`, c), ack(isStalled(c, at) ? 35_000 : at + n + 5, `${c} ${at}`, c)]),
  );
  const history = events.flat().toSorted((one, other) => one.at - other.at);

  it('break what the kill of messages allows', () => {
    const recovery = { baselinePerSecond: 160, recoveredMs: [0], maxMs: 0 };
    const recorded = { events: history, marks: kills, recovery, figures: measureFigures(history, kills), leniency: 1 };
    const found = overLimits(passFigures(killMessages, recorded));
    expect(found).toHaveLength(1);
    expect(found[0]?.what).toMatch(/^longest silence of a conversation, ms: 25000, allowed is ≤ 10500$/);
  });
});
