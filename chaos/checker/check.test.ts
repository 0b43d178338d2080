import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { blackHole } from '../faults/f27-black-hole.ts';
import type { Recording } from '../recording.ts';
import { check, defaultCheck } from './check.ts';
import type { EventOf, Row } from './evidence.ts';

const found = (changed: Recording, options = defaultCheck) => [
  ...new Set(check(changed.events, changed.rows, options).violations.map(({ invariant }) => invariant)),
];
const isSeen = (event: HistoryEvent): event is EventOf<'seen'> => event.k === 'seen';

describe('each invariant', () => {
  const c = 'aaaaaaaa-room';
  const at = 5000;
  const row = (seq: number, more: Partial<Row> = {}): Row => ({
    ...{ c, seq, rev: seq, id: `m${seq}`, clientId: `k${seq}`, senderId: 'ann', kind: 'text', body: `aaaaaaaa ${seq}` },
    ...more,
  });
  const send = (seq: number, more: Partial<EventOf<'send'>> = {}): HistoryEvent => ({
    ...{ at, who: 'ann', k: 'send', c, clientId: `k${seq}`, body: `aaaaaaaa ${seq}`, by: 'ann' },
    ...more,
  });
  const ack = (seq: number, more: Partial<EventOf<'ack'>> = {}): HistoryEvent => ({
    ...{ at, who: 'ann', k: 'ack', c, clientId: `k${seq}`, id: `m${seq}`, seq },
    ...more,
  });
  const seen = (seq: number, more: Partial<EventOf<'seen'>> = {}): HistoryEvent => ({
    ...{
      at,
      who: 'ann',
      k: 'seen',
      c,
      seq,
      rev: seq,
      id: `m${seq}`,
      clientId: `k${seq}`,
      via: 'push',
      canary: 'aaaaaaaa',
    },
    ...more,
  });
  const start: HistoryEvent[] = [
    { at: 0, who: 'ann', k: 'signed-in' },
    { at: 0, who: 'ann', k: 'joined', c },
  ];
  const good: Recording = {
    events: [...start, send(1), send(2), ack(1), ack(2), seen(1), seen(2)],
    rows: [row(1), row(2)],
  };

  it('holds in the example that the others break', () => expect(found(good)).toEqual([]));

  it('I1: an acknowledged message is not in the database', () =>
    expect(found({ ...good, events: [...good.events, send(3), ack(3)] })).toEqual(['I1']));

  it('I1: a repeat is answered with another place', () =>
    expect(found({ ...good, events: [...good.events, ack(1, { id: 'm2', seq: 2 })] })).toEqual(['I1']));

  it('I2: a row that nobody sent', () =>
    expect(found({ events: [...good.events, seen(3)], rows: [...good.rows, row(3)] })).toEqual(['I2']));

  it('I2: a row with another text, under another sender, or of what was refused', () => {
    const withRow = (changed: Row) => found({ ...good, rows: [row(1), changed] });
    expect(withRow(row(2, { body: 'other' }))).toEqual(['I2']);
    expect(withRow(row(2, { senderId: 'eve' }))).toEqual(['I2']);
    const refused: HistoryEvent = { at, who: 'ann', k: 'refused', c, clientId: 'k2', code: 'forbidden' };
    const others = good.events.filter((event) => event !== good.events[5]);
    expect(found({ ...good, events: [...others, refused] })).toEqual(['I2', 'I9']);
  });

  it('I2: one send in two rows', () => {
    const events = [...good.events, seen(3, { clientId: 'k2' })];
    expect(found({ events, rows: [...good.rows, row(3, { clientId: 'k2', body: 'aaaaaaaa 2' })] })).toEqual(['I2']);
  });

  it('I1, I2 and I4: edits', () => {
    const change: HistoryEvent = { at, who: 'ann', k: 'change', c, clientId: 'e1', seq: 2, body: 'aaaaaaaa new' };
    const changed: HistoryEvent = { at, who: 'ann', k: 'changed', c, clientId: 'e1', seq: 2, rev: 3 };
    const edited = row(2, { rev: 3, body: 'aaaaaaaa new' });
    const events = [...good.events, change, changed, seen(2, { rev: 3 })];
    expect(found({ events, rows: [row(1), edited] })).toEqual([]);
    expect(found({ events, rows: [row(1), row(2)] })).toEqual(['I1']);
    expect(found({ events, rows: [row(1), { ...edited, body: 'aaaaaaaa 2' }] })).toEqual(['I1']);
    expect(found({ events, rows: [row(1), { ...edited, body: null }] })).toEqual(['I2', 'I1']);
    expect(found({ events: [...good.events, change, changed], rows: [row(1), edited] })).toEqual(['I4']);
  });

  it('I3: a seq is left out', () => {
    const events = [...start, send(1), send(3), ack(1), ack(3), seen(1), seen(3)];
    expect(found({ events, rows: [row(1), row(3)] })).toEqual(['I3']);
  });

  it('I3: a client shows another message at a seq than the database has', () => {
    const events = good.events.map((event) => (isSeen(event) && event.seq === 2 ? { ...event, id: 'm9' } : event));
    expect(found({ ...good, events })).toEqual(['I3']);
  });

  it('I3: two messages with one rev', () =>
    expect(found({ ...good, rows: [row(1), row(2, { rev: 1 })] })).toEqual(['I3']));

  it('I4: a member never sees a message', () =>
    expect(found({ ...good, events: good.events.slice(0, -1) })).toEqual(['I4']));

  it('I7, not I4: a client that was cut never came back', () => {
    const closed: HistoryEvent = { at, who: 'ann', k: 'closed', code: 1006 };
    const connected: HistoryEvent = { at, who: 'ann', k: 'connected' };
    const resumed: HistoryEvent = { at, who: 'ann', k: 'resumed' };
    const cut = [...good.events.slice(0, -1), closed, connected];
    expect(found({ ...good, events: cut })).toEqual(['I7']);
    expect(found({ ...good, events: [...cut, resumed] })).toEqual(['I4']);
  });

  it('I4: a client shows a message twice, but not after a reset', () => {
    expect(found({ ...good, events: [...good.events, seen(2)] })).toEqual(['I4']);
    const reset: HistoryEvent = { at, who: 'ann', k: 'reset', c };
    expect(found({ ...good, events: [...good.events, reset, seen(1), seen(2)] })).toEqual([]);
  });

  it('I4: after a reset a message does not come back', () => {
    const reset: HistoryEvent = { at, who: 'ann', k: 'reset', c };
    expect(found({ ...good, events: [...good.events, reset, seen(1)] })).toEqual(['I4']);
  });

  it('I4: who leaves has a hole, or never saw what was acknowledged before', () => {
    const leaves: HistoryEvent = { at: at + 1200, who: 'ann', k: 'leaves', c };
    const left: HistoryEvent = { at: at + 1300, who: 'ann', k: 'left', c };
    const [joined, rows] = [good.events.slice(0, 6), [row(1), row(2), row(3)]];
    const gone = (...frames: HistoryEvent[]) =>
      found({ rows, events: [...joined, send(3), ack(3, { at: at + 1050 }), ...frames, leaves, left] });
    expect(gone(seen(1), seen(2), seen(3, { at: at + 1100 }))).toEqual([]);
    // The third was acknowledged too shortly before.
    expect(gone(seen(1), seen(2, { at: at + 1100 }))).toEqual([]);
    expect(gone(seen(1), seen(3, { at: at + 1100 }))).toEqual(['I4']);
    expect(gone(seen(1, { at: at + 1100 }))).toEqual(['I4']);
    // No push had come for long: whatever was sent meanwhile is not known to have been under way.
    expect(gone(seen(1))).toEqual([]);
  });

  it('I4: who signs out has a hole before the last that they saw', () => {
    const asked: HistoryEvent = { at: at + 1, who: 'ann', k: 'signs-out' };
    const ended: HistoryEvent = { at: at + 1, who: 'ann', k: 'signed-out' };
    expect(found({ ...good, events: [...good.events.slice(0, 6), seen(1), asked, ended] })).toEqual([]);
    expect(found({ ...good, events: [...good.events.slice(0, 6), seen(2), asked, ended] })).toEqual(['I4']);
  });

  it('I5: a stranger sees it, a member after leaving, or a member another conversation’s text', () => {
    expect(found({ ...good, events: [...good.events, seen(1, { who: 'eve' })] })).toContain('I5');
    const left: HistoryEvent = { at, who: 'ann', k: 'left', c };
    const late = seen(3, { at: at + 1001 });
    expect(found({ events: [...good.events, send(3), left, late], rows: [...good.rows, row(3)] })).toEqual(['I5']);
    const events = good.events.map((event) => (isSeen(event) ? { ...event, canary: 'bbbbbbbb' } : event));
    expect(found({ ...good, events })).toContain('I5');
  });

  it('I6: something is accepted more than a second after the session ended', () => {
    const asked: HistoryEvent = { at: at - 2000, who: 'ann', k: 'signs-out' };
    const signedOut = (endedAt: number): HistoryEvent => ({ at: endedAt, who: 'ann', k: 'signed-out' });
    const ended = (...endings: HistoryEvent[]) =>
      found({ ...good, events: [...start, asked, ...endings, ...good.events.slice(2)] });
    expect(ended(signedOut(at - 1001))).toEqual(['I6']);
    expect(ended(signedOut(at - 900))).toEqual([]);
    // To be told once more makes nobody's session longer.
    expect(ended(signedOut(at - 1001), signedOut(at - 900))).toEqual(['I6']);
  });

  it('I9: somebody is signed out who never asked for it, unless the fault takes sessions away', () => {
    const told: HistoryEvent = { at, who: 'ann', k: 'signed-out' };
    const again: HistoryEvent = { at, who: 'ann', k: 'signed-in' };
    const asked: HistoryEvent = { at, who: 'ann', k: 'signs-out' };
    const withMore = (...events: HistoryEvent[]): Recording => ({ ...good, events: [...good.events, ...events] });
    expect(found(withMore(told, again))).toEqual(['I9']);
    expect(found(withMore(asked, told, told, again))).toEqual([]);
    expect(found(withMore(asked, told, again, told, again))).toEqual(['I9']);
    expect(found(withMore(told, again), { ...defaultCheck, sessionsMayEnd: true })).toEqual([]);
  });

  it('I9: an internal error, an undocumented one, a missing Retry-After, a request over its deadline, a strange close', () => {
    const error = (more: Partial<EventOf<'error'>>): HistoryEvent => ({
      ...{ at, who: 'ann', k: 'error', op: 'send', status: 503, code: 'unavailable', ms: 5, retryAfterMs: 100 },
      ...more,
    });
    const { retryAfterMs: _, ...silent } = error({}) as EventOf<'error'>;
    const handshake = (more: Partial<EventOf<'error'>>): HistoryEvent => ({ ...silent, op: 'HTTP handshake', ...more });
    const closedWith = (code: number): HistoryEvent => ({ at, who: 'ann', k: 'closed', code });
    const resumed: HistoryEvent = { at, who: 'ann', k: 'resumed' };
    const refused: HistoryEvent = { at, who: 'ann', k: 'refused', c, clientId: 'k9', code: 'forbidden' };
    for (const bad of [
      refused,
      error({ status: 500, code: 'internal' }),
      error({ status: 418, code: 'teapot' }),
      silent,
      error({ ms: 20_000 }),
      closedWith(1002),
      closedWith(4999),
      handshake({ status: 500, code: 'internal' }),
    ])
      expect(found({ ...good, events: [...good.events, bad, resumed] })).toEqual(['I9']);
    for (const fine of [error({}), error({ ms: 10_900 }), closedWith(1009), closedWith(4003), handshake({})])
      expect(found({ ...good, events: [...good.events, fine, resumed] })).toEqual([]);
  });

  it('I9: an answer comes late, whatever a fault forgives to what nobody answers', () => {
    const late = (status: number, ms: number): HistoryEvent => ({
      ...{ at, who: 'ann', k: 'error', op: 'HTTP message.send', status, code: 'unavailable', ms, retryAfterMs: 100 },
    });
    const underF27 = (event: HistoryEvent) =>
      found({ ...good, events: [...good.events, event] }, { ...defaultCheck, ...blackHole.check });
    expect(underF27(late(503, 14_000))).toEqual(['I9']);
    expect(underF27(late(0, 15_100))).toEqual([]);
    expect(underF27(late(0, 17_000))).toEqual(['I9']);
    expect(found({ ...good, events: [...good.events, late(0, 15_100)] })).toEqual(['I9']);
  });

  it('I9: an answer that is a success comes late, too', () => {
    const acked = (ms: number) => found({ ...good, events: [...good.events, ack(1, { ms })] });
    expect(acked(10_900)).toEqual([]);
    expect(acked(11_100)).toEqual(['I9']);
  });

  it('I3, I5 and I6: what a client drops as a repeat is judged, too', () => {
    const repeat = (more: Partial<EventOf<'repeat'>>): HistoryEvent => ({
      ...{ at, who: 'ann', k: 'repeat', c, seq: 2, rev: 2, id: 'm2' },
      ...more,
    });
    const dropped = (more: Partial<EventOf<'repeat'>>, ...before: HistoryEvent[]) =>
      found({ ...good, events: [...good.events, ...before, repeat(more)] });
    expect(dropped({})).toEqual([]);
    expect(dropped({ id: 'm9' })).toEqual(['I3']);
    expect(dropped({ seq: 9, id: 'm9' })).toEqual(['I3']);
    expect(dropped({ who: 'eve' })).toEqual(['I5']);
    const asked: HistoryEvent = { at, who: 'ann', k: 'signs-out' };
    const ended: HistoryEvent = { at, who: 'ann', k: 'signed-out' };
    expect(dropped({ at: at + 1100 }, asked, ended)).toEqual(['I6']);
  });
});
