import type { Evidence, Row, Violation } from './evidence.ts';
import { violation } from './stored.ts';

/**
 * I2 for the rows that the product writes by itself: one of a person who comes, also of who made the conversation, and one of a person who asked to leave, whether
 * they were answered or not. Nothing else that clients of a load do leaves one. Judged where a history says who joined.
 */
export const systemRowsExplained = ({ rowsByConversation, clients }: Evidence): Violation[] => {
  const comers = new Map<string, Set<string>>();
  const leavers = new Map<string, Set<string>>();
  for (const { events } of clients) {
    const self = new Map<string, string>();
    for (const event of events) {
      if (event.k === 'joined' && event.by !== undefined) {
        self.set(event.c, event.by);
        add(comers, event.c, event.by);
      }
      const by = event.k === 'leaves' ? self.get(event.c) : undefined;
      if (event.k === 'leaves' && by !== undefined) add(leavers, event.c, by);
    }
  }
  return [...comers].flatMap(([c, come]) => {
    const leave = leavers.get(c) ?? new Set();
    const rows = (rowsByConversation.get(c) ?? []).filter(({ kind }) => kind === 'system');
    return [...Map.groupBy(rows, ({ senderId }) => senderId)].flatMap(([by, own]) =>
      tooMany(own, Number(come.has(by)) + Number(leave.has(by))),
    );
  });
};

const tooMany = (rows: readonly Row[], max: number): Violation[] =>
  rows.length <= max ? [] : violation('I2', 'more system rows of a person than comings and goings', ...rows);

const add = (sets: Map<string, Set<string>>, key: string, value: string): void => {
  sets.set(key, (sets.get(key) ?? new Set()).add(value));
};
