import type { Evidence, Row, Violation } from './evidence.ts';

/** I1: every acknowledged message is in the database exactly once, as it was acknowledged. */
export const acknowledgedOnce = ({ acks, rowsById }: Evidence): Violation[] => {
  const answers = new Map<string, (typeof acks)[number]>();
  return acks.flatMap((ack) => {
    const rows = rowsById.get(ack.id) ?? [];
    const earlier = answers.get(ack.clientId);
    answers.set(ack.clientId, ack);
    if (earlier && (earlier.id !== ack.id || earlier.seq !== ack.seq))
      return violation('I1', 'a repeat was answered differently', earlier, ack);
    const [row] = rows;
    if (row === undefined) return violation('I1', 'acknowledged, but not in the database', ack);
    if (rows.length > 1) return violation('I1', 'acknowledged, and in the database more than once', ack, ...rows);
    if (row.c !== ack.c || row.seq !== ack.seq || row.clientId !== ack.clientId)
      return violation('I1', 'acknowledged otherwise than saved', ack, row);
    return [];
  });
};

/** I2: every row was really sent, by that person and with that text, once; what was refused for good is not there. */
export const reallySent = ({ rows, sends, changes, refusals }: Evidence): Violation[] => {
  const written = Map.groupBy(changes, ({ c, seq }) => `${c} ${seq}`);
  const texts = rows.filter(({ kind }) => kind === 'text');
  const byClientId = Map.groupBy(texts, ({ c, senderId, clientId }) => `${c} ${senderId} ${clientId}`);
  const doubled = [...byClientId.values()].filter((same) => same.length > 1);
  const saved = new Map(texts.map((row) => [row.clientId, row]));
  return [
    ...texts.flatMap((row) => phantom(row, sends.get(row.clientId), written.get(`${row.c} ${row.seq}`) ?? [])),
    ...doubled.flatMap((same) => violation('I2', 'one send became several rows', ...same)),
    ...refusals.flatMap((refused) => {
      const row = saved.get(refused.clientId);
      return row ? violation('I2', 'refused for good, but saved', refused, row) : [];
    }),
  ];
};

const phantom = (
  row: Row,
  send: { c: string; body: string; by?: string } | undefined,
  changes: readonly { body: string | null }[],
): Violation[] => {
  if (!send) return violation('I2', 'nobody sent this row', row);
  if (send.c !== row.c) return violation('I2', 'saved in another conversation than it was sent to', send, row);
  if (send.body !== row.body && !changes.some(({ body }) => body === row.body))
    return violation('I2', 'saved with another text than was sent', send, row);
  if (send.by !== undefined && send.by !== row.senderId)
    return violation('I2', 'saved under another sender', send, row);
  return [];
};

/** I3, in the database: `seq` is 1…n in each conversation, and no `rev` is there twice. */
export const contiguous = ({ rowsByConversation }: Evidence): Violation[] =>
  [...rowsByConversation.values()].flatMap((rows) => {
    const gap = rows.findIndex(({ seq }, at) => seq !== at + 1);
    const revs = new Map<number, Row>();
    const found: Violation[] = [];
    if (gap >= 0) found.push(...violation('I3', 'seq is not contiguous', ...rows.slice(Math.max(0, gap - 1), gap + 2)));
    for (const row of rows) {
      const same = revs.get(row.rev);
      if (same) found.push(...violation('I3', 'two messages have one rev', same, row));
      revs.set(row.rev, row);
    }
    return found;
  });

export const violation = (
  invariant: Violation['invariant'],
  what: string,
  ...excerpt: readonly unknown[]
): Violation[] => [{ invariant, what, excerpt }];
