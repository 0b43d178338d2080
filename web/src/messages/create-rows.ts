import { type Accessor, createComputed, createMemo, createSignal, type Signal } from 'solid-js';
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
  // A signal a row, set only where the row changed. Rows that read one table of all rows would each have to look whether it was
  // theirs that changed, with every message and every step of scrolling.
  const signals = new Map<string, Signal<Row>>();
  const [keys, setKeys] = createSignal<readonly string[]>([], { equals: sameList });
  createComputed(() => {
    const next = rows();
    const gone = new Set(signals.keys());
    for (const row of next) {
      gone.delete(row.key);
      const known = signals.get(row.key);
      if (known) known[1](() => row);
      else signals.set(row.key, createSignal<Row>(row, { equals: sameRow }));
    }
    setKeys(next.map(({ key }) => key));
    for (const key of gone) signals.delete(key);
  });
  return { keys, row: (key: string): Accessor<Row> | undefined => signals.get(key)?.[0] };
};

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((key, index) => key === b[index]);

const sameRow = (a: Row, b: Row): boolean => {
  if (a.kind === 'text' && b.kind === 'text') {
    return a.message === b.message && a.starts === b.starts && a.pending === b.pending;
  }
  if (a.kind === 'system' && b.kind === 'system') return a.message === b.message;
  return a.key === b.key;
};
