import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { type HistoryEvent, textHash } from '../../dev/testing/history.ts';
import { oneOf, seededRandom, wholeBelow } from '../random.ts';
import { type Recording, readRecording } from '../recording.ts';
import { check } from './check.ts';
import type { EventOf, Row } from './evidence.ts';
import { simulate } from './simulate.ts';

const seeds = Array.from({ length: 10 }, (_, at) => at + 1);
const simulations = new Map(
  seeds.map((seed) => [seed, simulate({ seed, conversations: 40, clients: 200, messages: 1500 })]),
);
const simulated = (seed: number): Recording => simulations.get(seed) ?? { events: [], rows: [] };
/** `bun run chaos --fault F3 --short --clients 8 --conversations 2 --rate 12 --record chaos/checker/recorded`: a node is killed three times. */
const recorded = await readRecording(join(import.meta.dir, 'recorded'));
const judge = ({ events, rows }: Recording) => check(events, rows);

type Mutation = (recording: Recording, random: () => number) => Recording;
type Seen = EventOf<'seen'>;
const isSeen = (event: HistoryEvent): event is Seen => event.k === 'seen';
const without = <T>(items: readonly T[], at: number): T[] => items.toSpliced(at, 1);
const doubled = <T>(items: readonly T[], at: number): T[] =>
  items.flatMap((item, n) => (n === at ? [item, item] : [item]));

const rowMutations: Record<string, Mutation> = {
  'a deleted row': ({ events, rows }, random) => ({ events, rows: without(rows, wholeBelow(random, rows.length)) }),
  'a doubled row': ({ events, rows }, random) => ({ events, rows: doubled(rows, wholeBelow(random, rows.length)) }),
  'two swapped rows': ({ events, rows }, random) => {
    const [one, other] = neighbours(rows, random);
    const swapped = new Map([
      [one, { ...one, seq: other.seq, rev: other.rev }],
      [other, { ...other, seq: one.seq, rev: one.rev }],
    ]);
    return { events, rows: rows.map((row) => swapped.get(row) ?? row) };
  },
};

const frameMutations: Record<string, Mutation> = {
  'a deleted frame': ({ events, rows }, random) => ({
    rows,
    events: without(events, events.indexOf(aFrame(events, random))),
  }),
  'a doubled frame': ({ events, rows }, random) => ({
    rows,
    events: doubled(events, events.indexOf(aFrame(events, random))),
  }),
  'two swapped frames': ({ events, rows }, random) => {
    const one = aFrame(events, random);
    const other = oneOf(
      random,
      events.filter(isSeen).filter(({ who, c, seq }) => who === one.who && c === one.c && seq !== one.seq),
    );
    const swapped = new Map<HistoryEvent, HistoryEvent>([
      [one, { ...one, seq: other.seq, rev: other.rev }],
      [other, { ...other, seq: one.seq, rev: one.rev }],
    ]);
    return { rows, events: events.map((event) => swapped.get(event) ?? event) };
  },
};

/** What only a checker finds that minds more than the places of messages. */
const contentMutations: Record<string, Mutation> = {
  'a frame with the text of another': ({ events, rows }, random) => {
    const one = aFrame(events, random);
    const other = oneOf(
      random,
      events.filter(isSeen).filter(({ c, text }) => c === one.c && text !== one.text),
    );
    const changed = { ...one, ...(other.text === undefined ? {} : { text: other.text }) };
    return { rows, events: events.map((event) => (event === one ? changed : event)) };
  },
  'a repeat of another message': ({ events, rows }, random) => {
    const { at, who, c, seq, rev } = aFrame(events, random);
    const repeat: HistoryEvent = { at, who, k: 'repeat', c, seq, rev, id: 'another' };
    return { rows, events: events.flatMap((event) => (isShownAt(event, { who, c, seq }) ? [event, repeat] : [event])) };
  },
  'a doubled system row': ({ events, rows }, random) => {
    const system = oneOf(
      random,
      rows.filter(({ kind }) => kind === 'system'),
    );
    const own = rows.filter(({ c }) => c === system.c);
    const next = { seq: own.length + 1, rev: Math.max(...own.map(({ rev }) => rev)) + 1 };
    const doubled = { ...system, ...next, id: 'once-more', clientId: 'once-more' };
    return { rows: [...rows, doubled], events: [...events, ...shownToAll(doubled, events)] };
  },
};

const isShownAt = (event: HistoryEvent, { who, c, seq }: Pick<Seen, 'who' | 'c' | 'seq'>): boolean =>
  isSeen(event) && event.who === who && event.c === c && event.seq === seq;

/** To those who are there in the end. */
const shownToAll = ({ c, seq, rev, id, clientId, body }: Row, events: readonly HistoryEvent[]): Seen[] => {
  const at = Math.max(...events.map((event) => event.at));
  const there = new Set<string>();
  for (const event of events) {
    if (event.k === 'joined' && event.c === c) there.add(event.who);
    if (event.k === 'signed-out' || (event.k === 'left' && event.c === c)) there.delete(event.who);
  }
  return [...there].map((who) => ({
    ...{ at, who, k: 'seen', c, seq, rev, id, clientId, via: 'push', canary: '', text: textHash(body) },
  }));
};

/**
 * A frame that has to be there: no reset makes the client forget it, no later state of the message comes in its place, and the client saw
 * a later message of the conversation, so that also of one who went it leaves a hole.
 */
const aFrame = (events: readonly HistoryEvent[], random: () => number): Seen => {
  const forgetful = new Set(events.filter(({ k }) => k === 'reset').map(({ who }) => who));
  const frames = events.filter(isSeen).filter(({ who }) => !forgetful.has(who));
  const states = Map.groupBy(frames, ({ who, c, seq }) => `${who} ${c} ${seq}`);
  const lastSeqs = new Map<string, number>();
  for (const { who, c, seq } of frames) lastSeqs.set(`${who} ${c}`, Math.max(seq, lastSeqs.get(`${who} ${c}`) ?? 0));
  return oneOf(
    random,
    frames.filter(
      ({ who, c, seq }) => states.get(`${who} ${c} ${seq}`)?.length === 1 && seq < (lastSeqs.get(`${who} ${c}`) ?? 0),
    ),
  );
};

const neighbours = (rows: readonly Row[], random: () => number): [Row, Row] => {
  const one = oneOf(
    random,
    rows.filter(({ c }) => rows.filter((row) => row.c === c).length > 1),
  );
  return [
    one,
    oneOf(
      random,
      rows.filter((row) => row.c === one.c && row !== one),
    ),
  ];
};

describe('check', () => {
  it.each(seeds)('finds nothing in the correct history that is simulated from seed %d', (seed) => {
    const { violations, counts } = judge(simulated(seed));
    expect(violations).toEqual([]);
    expect(counts.rows).toBeGreaterThan(1500);
    expect(counts.seen).toBeGreaterThan(5000);
    expect(counts.resets).toBeGreaterThan(10);
  });

  it('finds nothing in what the runner recorded, with clients who were cut, left and signed out', () => {
    const { violations, counts } = judge(recorded);
    expect(violations).toEqual([]);
    expect(counts.acked).toBeGreaterThan(100);
    expect(counts.resumed).toBeGreaterThan(8);
    const kinds = new Set(recorded.events.map(({ k }) => k));
    for (const kind of ['closed', 'left', 'signed-out', 'changed'] as const) expect(kinds).toContain(kind);
  });

  describe.each(Object.entries({ ...rowMutations, ...frameMutations, ...contentMutations }))('%s', (_, mutate) => {
    it.each(seeds)('is found in the history that is simulated from seed %d', (seed) => {
      const changed = mutate(simulated(seed), seededRandom(seed * 7919));
      expect(judge(changed).violations.length).toBeGreaterThan(0);
    });

    it.each(seeds)('is found in the recorded history, at a place that seed %d picks', (seed) => {
      const changed = mutate(recorded, seededRandom(seed * 7919));
      expect(judge(changed).violations.length).toBeGreaterThan(0);
    });
  });
});
