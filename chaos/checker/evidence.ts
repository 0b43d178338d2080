import type { HistoryEvent } from '../../dev/testing/history.ts';

/** A message as the database has it. */
export interface Row {
  readonly c: string;
  readonly seq: number;
  readonly rev: number;
  readonly id: string;
  readonly clientId: string;
  readonly senderId: string;
  readonly kind: 'text' | 'system';
  /** Null once deleted. */
  readonly body: string | null;
}

/** The invariants of this checker; what each says is in the file that judges it. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10';

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  /** The events and rows that show it. */
  readonly excerpt: readonly unknown[];
}

export type EventOf<K extends HistoryEvent['k']> = Extract<HistoryEvent, { k: K }>;

/** What one client wrote, in its own order. */
export interface ClientHistory {
  readonly who: string;
  readonly events: readonly HistoryEvent[];
}

/** All that the checker knows: histories and rows, each in the indexes that its questions need. */
export interface Evidence {
  readonly rows: readonly Row[];
  /** In `seq` order. */
  readonly rowsByConversation: ReadonlyMap<string, readonly Row[]>;
  readonly rowsBySeq: ReadonlyMap<string, ReadonlyMap<number, Row>>;
  readonly rowsById: ReadonlyMap<string, readonly Row[]>;
  readonly clients: readonly ClientHistory[];
  readonly sends: ReadonlyMap<string, EventOf<'send'>>;
  readonly acks: readonly EventOf<'ack'>[];
  readonly acksByConversation: ReadonlyMap<string, readonly EventOf<'ack'>[]>;
  /** Edits and deletions that were asked for, in the order of each client, and those that were answered. */
  readonly changes: readonly EventOf<'change'>[];
  readonly changed: readonly EventOf<'changed'>[];
  readonly refusals: readonly EventOf<'refused'>[];
}

export const gatherEvidence = (events: readonly HistoryEvent[], rows: readonly Row[]): Evidence => {
  const isOf =
    <K extends HistoryEvent['k']>(k: K) =>
    (event: HistoryEvent): event is EventOf<K> =>
      event.k === k;
  const rowsByConversation = Map.groupBy(rows, ({ c }) => c);
  for (const ofOne of rowsByConversation.values()) ofOne.sort((one, other) => one.seq - other.seq);
  const acks = events.filter(isOf('ack'));
  return {
    rows,
    rowsByConversation,
    rowsBySeq: new Map([...rowsByConversation].map(([c, own]) => [c, new Map(own.map((row) => [row.seq, row]))])),
    rowsById: Map.groupBy(rows, ({ id }) => id),
    clients: [...Map.groupBy(events, ({ who }) => who)].map(([who, own]) => ({ who, events: own })),
    sends: new Map(events.filter(isOf('send')).map((send) => [send.clientId, send])),
    acks,
    acksByConversation: Map.groupBy(acks, ({ c }) => c),
    changes: events.filter(isOf('change')),
    changed: events.filter(isOf('changed')),
    refusals: events.filter(isOf('refused')),
  };
};
