import { canaryLength, type HistoryEvent, type Road, textHash } from '../../dev/testing/history.ts';
import { oneOf, seededRandom, wholeBelow } from '../random.ts';
import type { Recording } from '../recording.ts';
import type { Row } from './evidence.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly conversations: number;
  readonly clients: number;
  readonly messages: number;
}

interface Member {
  readonly who: string;
  readonly c: string;
  online: boolean;
  have: number;
}

/**
 * A history and a database as a chat without faults would leave them: clients join, send, see, are cut, resume and are reset. Not a
 * model of the services: only what the checker must find correct.
 */
export const simulate = ({ seed, conversations, clients, messages }: SimulationOptions): Recording => {
  const random = seededRandom(seed);
  const events: HistoryEvent[] = [];
  const rows: Row[] = [];
  let at = 1_000_000;
  const note = (event: HistoryEvent) => events.push(event);
  const rooms = Array.from({ length: conversations }, (_, n) => `${hex(n, 8)}-room`);
  const members = Array.from({ length: clients }, (_, n): Member[] => {
    const who = `client-${n}`;
    for (const k of ['signed-in', 'connected', 'resumed'] as const) note({ at, who, k });
    const joined = new Set([rooms[n % conversations] ?? '', oneOf(random, rooms)]);
    return [...joined].map((c) => {
      note({ at, who, k: 'joined', c, by: who });
      return { who, c, online: true, have: 0 };
    });
  }).flat();
  const byRoom = Map.groupBy(members, ({ c }) => c);

  const show = (member: Member, row: Row, via: Road) => {
    const { c, seq, rev, id, clientId, body } = row;
    const canary = (body ?? '').slice(0, canaryLength);
    note({ at, who: member.who, k: 'seen', c, seq, rev, id, clientId, via, canary, text: textHash(body) });
    member.have = seq;
  };
  const catchUp = (member: Member) => {
    for (const row of rows.filter(({ c, seq }) => c === member.c && seq > member.have)) show(member, row, 'resume');
    member.online = true;
  };
  const save = (row: Omit<Row, 'seq' | 'rev'>): Row => {
    const seq = rows.filter(({ c }) => c === row.c).length + 1;
    const saved = { ...row, seq, rev: seq };
    rows.push(saved);
    return saved;
  };
  const disturb = () => {
    const member = oneOf(random, members);
    if (member.online) member.online = false;
    else if (random() < 0.5) catchUp(member);
    else {
      note({ at, who: member.who, k: 'reset', c: member.c });
      member.have = 0;
      catchUp(member);
    }
  };
  const send = (n: number) => {
    const sender = oneOf(random, members);
    const { who, c } = sender;
    const clientId = `command-${n}`;
    const body = `${c.slice(0, canaryLength)} text ${n}`;
    note({ at, who, k: 'send', c, clientId, body, by: who });
    if (random() < 0.02)
      note({ at, who, k: 'error', op: 'send', status: 503, code: 'unavailable', ms: 5, retryAfterMs: 500 });
    const row = save({ c, id: `message-${n}`, clientId, senderId: who, kind: 'text', body });
    for (const member of byRoom.get(c) ?? []) if (member.online) show(member, row, 'push');
    // Some die before they hear that their message is saved.
    if (random() > 0.01) note({ at, who, k: 'ack', c, clientId, id: row.id, seq: row.seq });
  };

  for (const [n, { who, c }] of members.entries())
    save({ c, id: `coming-${n}`, clientId: `event-${n}`, senderId: who, kind: 'system', body: '' });
  for (const member of members) catchUp(member);
  for (let n = 0; n < messages; n++) {
    at += wholeBelow(random, 5);
    send(n);
    if (random() < 0.3) disturb();
  }
  for (const member of members) if (!member.online) catchUp(member);
  return { events, rows };
};

const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0');
