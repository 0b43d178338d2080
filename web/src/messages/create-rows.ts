import { type Accessor, createMemo } from 'solid-js';
import { useApp } from '../context.ts';
import type { RoomContext } from '../conversations/room-context.ts';
import { dayOf } from '../i18n/format.ts';
import { type Row, rowsOf } from './rows.ts';
import { slice } from './timeline.ts';
import type { TimelineWindow } from './window.ts';

/** The rows in the window, by key: a row that stays keeps its elements, and only what changed in it is drawn again. */
export const createRows = ({ id, entry, newAfter }: RoomContext, window: Accessor<TimelineWindow>) => {
  const { client } = useApp();
  const items = createMemo(() => client.outbox.items().filter(({ conversationId }) => conversationId === id));
  const rows = createMemo(() => {
    const timeline = entry.timeline();
    const { from, to } = window();
    return rowsOf({
      messages: slice(timeline, from, to === 'end' ? timeline.high : to),
      items: items(),
      atEnd: to === 'end',
      newAfter: newAfter(),
      me: client.me.id,
      dayOf,
    });
  });
  const byKey = createMemo(() => new Map(rows().map((row) => [row.key, row])));
  return {
    keys: createMemo(() => rows().map(({ key }) => key), [], { equals: sameList }),
    /** One row as it is now; what it was last when it is about to go. */
    row: (key: string): Accessor<Row | undefined> =>
      createMemo((before: Row | undefined) => byKey().get(key) ?? before, undefined, { equals: sameRow }),
  };
};

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((key, index) => key === b[index]);

const sameRow = (a: Row | undefined, b: Row | undefined): boolean => {
  if (a === b) return true;
  if (a?.kind === 'text' && b?.kind === 'text') {
    return a.message === b.message && a.starts === b.starts && a.pending === b.pending;
  }
  return a?.kind === 'system' && b?.kind === 'system' && a.message === b.message;
};
