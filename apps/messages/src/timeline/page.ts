import type { MessagePage } from '@chatapp/contract/http-messages';
import type { Window } from './timeline-store.ts';

export interface PageQuery {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly around?: number | undefined;
}

/** The part that is asked for; undefined where more than one was named. */
export const windowOf = ({ before, after, around }: PageQuery): Window | undefined => {
  const named: Window[] = [];
  if (before !== undefined) named.push({ side: 'before', seq: before });
  if (after !== undefined) named.push({ side: 'after', seq: after });
  if (around !== undefined) named.push({ side: 'around', seq: around });
  return named.length > 1 ? undefined : (named[0] ?? { side: 'newest' });
};

/** The seq to ask on from, in the direction of the window; null where there is nothing further. */
export const nextOf = (window: Window, page: Pick<MessagePage, 'items' | 'headSeq'>): string | null => {
  const first = page.items[0]?.seq;
  const last = page.items.at(-1)?.seq;
  if (window.side === 'after') return last !== undefined && last < page.headSeq ? String(last) : null;
  return first !== undefined && first > 1 ? String(first) : null;
};
