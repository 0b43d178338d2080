import { isId } from '@chatapp/contract/ids';
import type { Status } from './presence-store.ts';

/** What a node tells all nodes about a person: a new status, or that a socket wants to know who else is here, or both. */
export interface PresenceNote {
  readonly userId: string;
  readonly status?: Status | 'offline';
  /** The person's conversations in which presence exists. */
  readonly conversationIds: readonly string[];
  readonly asker?: { readonly node: string; readonly connection: string };
}

/** What a node answers such a socket: the people of its own who share a conversation with the asker. */
export interface PresenceAnswer {
  readonly connection: string;
  readonly people: readonly { readonly userId: string; readonly status: Status }[];
}

/** Nodes of one release write these to each other; what a node of another release writes may have more fields. Throws TypeError on anything else. */
export const decodeNote = (text: string): PresenceNote => {
  const note = JSON.parse(text) as Partial<PresenceNote>;
  if (!isId(note.userId ?? '') || !Array.isArray(note.conversationIds)) throw new TypeError('not a presence note');
  return note as PresenceNote;
};

export const decodePresenceAnswer = (text: string): PresenceAnswer => {
  const answer = JSON.parse(text) as Partial<PresenceAnswer>;
  if (typeof answer.connection !== 'string' || !Array.isArray(answer.people)) {
    throw new TypeError('not a presence answer');
  }
  return answer as PresenceAnswer;
};
