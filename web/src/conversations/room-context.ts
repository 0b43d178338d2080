import type { Conversation } from '@chatapp/contract/shapes';
import { createContext, useContext } from 'solid-js';
import type { TimelineEntry } from '../messages/timeline-entry.ts';

/** What the composer is for at the moment. */
export type ComposeMode = { kind: 'new' } | { kind: 'reply'; seq: number } | { kind: 'edit'; seq: number };

/** A message that was not sent, to go on with. `release` takes it out of the outbox; it answers false when it goes out after all. */
export type Refill = { body: string; replyTo: number | null; release: () => Promise<boolean> };

/** What the parts of one open conversation share. */
export type RoomContext = {
  id: string;
  conversation: () => Conversation;
  entry: TimelineEntry;
  mode: () => ComposeMode;
  setMode: (mode: ComposeMode) => void;
  /** What the composer has to take in. */
  refill: () => Refill | undefined;
  setRefill: (refill: Refill | undefined) => void;
  /** The separator `New` stands after this seq. */
  newAfter: () => number | undefined;
  clearNew: () => void;
  /** Counts up when the timeline has to go to its end: this person wrote something. */
  sent: () => number;
  noteSent: () => void;
  nameOf: (userId: string) => string;
};

export const RoomContextProvider = createContext<RoomContext>();

/** The open conversation; throws outside of one. */
export const useRoom = (): RoomContext => {
  const room = useContext(RoomContextProvider);
  if (!room) throw new Error('used outside of a conversation');
  return room;
};
