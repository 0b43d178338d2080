import { createSignal } from 'solid-js';
import type { ComposeMode } from '../conversations/room-context.ts';
import type { Drafts } from './drafts.ts';

/** What the composer of a conversation is for; it goes on where the draft does. */
export const createMode = (drafts: Drafts, conversationId: string) => {
  const [mode, setMode] = createSignal<ComposeMode>(drafts.mode(conversationId));
  return {
    mode,
    setMode: (next: ComposeMode): void => {
      drafts.keepMode(conversationId, next);
      setMode(next);
    },
  };
};
