import { createEffect, createSignal, on } from 'solid-js';
import type { Client } from '../client.ts';
import { slice } from './timeline.ts';
import type { TimelineEntry } from './timeline-entry.ts';

type Parts = Pick<Client, 'me' | 'connection' | 'looking' | 'unread'>;

/** Where `New` stands: where reading had got to when the conversation was opened, or when the person or the connection went away. */
export const createNewMark = ({ me, connection, looking, unread }: Parts, id: string, entry: TimelineEntry) => {
  const [newAfter, setNewAfter] = createSignal<number>();
  const read = () => unread.of(id).lastReadSeq;
  // A resume tells what was missed before the connection is ready.
  const isHere = () => looking() && connection.ready();
  createEffect(
    on(
      () => (unread.loaded() ? unread.of(id).unread : undefined),
      (count, before) => {
        if (!count) return;
        // What came just before the person went may not have been read.
        const isMissing = !isHere() && (before === 0 || newAfter() === undefined);
        if (before === undefined || isMissing) setNewAfter(read());
      },
    ),
  );
  const isMissed = () =>
    slice(entry.timeline(), read() + 1, entry.timeline().high).some(
      ({ kind, senderId, deletedAt }) => kind === 'text' && senderId !== me.id && !deletedAt,
    );
  // Loaded anew, the timeline may have gone past what was read, and the count may come later.
  let isLoaded = false;
  createEffect(
    on(entry.status, (status) => {
      if (status !== 'ready') return;
      if (isLoaded) setNewAfter(isMissed() ? read() : undefined);
      isLoaded = true;
    }),
  );
  return { newAfter, clearNew: () => setNewAfter(undefined) };
};
