import type { ComposeMode } from '../conversations/room-context.ts';

/** A text that comes back to the field stands before what was written since. */
export const joinedDraft = (again: string, since: string): string => (since === '' ? again : `${again}\n${since}`);

export type Drafts = ReturnType<typeof createDrafts>;

/**
 * What was begun and not sent, by conversation, and what it is for; kept for this tab, also over a reload. An edit has its own draft,
 * for as long as it is made.
 */
export const createDrafts = (storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, me: string) => {
  const key = (c: string, mode?: ComposeMode) => `draft:${me}:${c}${mode?.kind === 'edit' ? `:${mode.seq}` : ''}`;
  const modeKey = (c: string) => `mode:${me}:${c}`;
  const keep = (at: string, value: string): void =>
    value === '' ? storage.removeItem(at) : storage.setItem(at, value);
  const mode = (c: string): ComposeMode => JSON.parse(storage.getItem(modeKey(c)) ?? '{"kind":"new"}');
  return {
    read: (c: string, of?: ComposeMode): string => storage.getItem(key(c, of)) ?? '',
    write: (c: string, body: string, of?: ComposeMode): void => keep(key(c, of), body),
    mode,
    keepMode: (c: string, next: ComposeMode): void => {
      const before = mode(c);
      if (before.kind === 'edit') keep(key(c, before), '');
      keep(modeKey(c), next.kind === 'new' ? '' : JSON.stringify(next));
    },
  };
};
