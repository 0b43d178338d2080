import { textHash } from '../../dev/testing/history.ts';
import type { Evidence, Violation } from './evidence.ts';
import { violation } from './stored.ts';

/**
 * I3 for texts: a state is shown with the text that it has in the database, or, where a later one is there, that was answered to have made it. Of other states nobody
 * knows the text. Judged where a history says which text was shown.
 */
export const shownAsWritten = (evidence: Evidence): Violation[] => {
  const texts = textsOf(evidence);
  return evidence.clients.flatMap(({ events }) =>
    events.flatMap((event) => {
      if (event.k !== 'seen' || event.text === undefined) return [];
      const text = texts.get(stateOf(event));
      return text === undefined || text === event.text
        ? []
        : violation('I3', 'shown with another text than this state has', event);
    }),
  );
};

const textsOf = ({ rows, changes, changed }: Evidence): ReadonlyMap<string, string> => {
  const bodies = new Map(changes.map(({ clientId, body }) => [clientId, body]));
  const texts = new Map<string, string>();
  for (const answer of changed) {
    const body = bodies.get(answer.clientId);
    if (body !== undefined) texts.set(stateOf(answer), textHash(body));
  }
  for (const row of rows) texts.set(stateOf(row), textHash(row.body));
  return texts;
};

const stateOf = ({ c, seq, rev }: { readonly c: string; readonly seq: number; readonly rev: number }): string =>
  `${c} ${seq} ${rev}`;
