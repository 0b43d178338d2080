import type { EventOf, Evidence, Row, Violation } from './evidence.ts';
import { violation } from './stored.ts';

/** I1 and I2 for edits and deletions: what was answered is in the database, and nothing is there that nobody wrote. */
export const changesKept = ({ rowsBySeq, changes, changed }: Evidence): Violation[] => {
  const answers = new Map(changed.map((answer) => [answer.clientId, answer]));
  return [...Map.groupBy(changes, ({ c, seq }) => `${c} ${seq}`).values()].flatMap((ofOne) => {
    const [first] = ofOne;
    const row = first && rowsBySeq.get(first.c)?.get(first.seq);
    if (!row) return violation('I1', 'changed, but not in the database', ...ofOne);
    return [...tooOld(row, ofOne, answers), ...wrongText(row, ofOne, answers)];
  });
};

type Answers = ReadonlyMap<string, EventOf<'changed'>>;

const tooOld = (row: Row, changes: readonly EventOf<'change'>[], answers: Answers): Violation[] =>
  changes.flatMap(({ clientId }) => {
    const answer = answers.get(clientId);
    return answer && answer.rev > row.rev
      ? violation('I1', 'an answered change is not in the database', answer, row)
      : [];
  });

/** The text is that of the last answered change, or of one after it whose answer never came. */
const wrongText = (row: Row, changes: readonly EventOf<'change'>[], answers: Answers): Violation[] => {
  const lastAnswered = changes.findLastIndex(({ clientId }) => answers.has(clientId));
  const possible = changes.slice(Math.max(0, lastAnswered)).map(({ body }) => body);
  if (lastAnswered < 0 || possible.includes(row.body)) return [];
  return violation('I1', 'another text than the last answered change wrote', ...changes, row);
};
