import { isId } from '@chatapp/contract/ids';
import type { Status } from './presence-store.ts';

/** What a node tells all nodes about a person: a new status, or that a socket wants to know who else is here, or both. */
export interface PresenceNote {
  readonly userId: string;
  readonly status?: Status | 'offline';
  /** The person's conversations in which presence exists, or those of them that it is about. */
  readonly conversationIds: readonly string[];
  readonly asker?: { readonly node: string; readonly connection: string };
}

/** What a node answers such a socket: the people of its own who share a conversation with the asker. */
export interface PresenceAnswer {
  readonly connection: string;
  readonly people: readonly { readonly userId: string; readonly status: Status }[];
}

/** Nodes of one release write these to each other; what a node of another release writes may have more fields. Throws TypeError on anything else. */
export const decodeNotes = (text: string): PresenceNote[] => {
  const notes = listOf<PresenceNote>(text);
  if (notes.every(({ userId, conversationIds }) => isId(userId ?? '') && Array.isArray(conversationIds))) {
    return notes as PresenceNote[];
  }
  throw new TypeError('not presence notes');
};

export const decodePresenceAnswers = (text: string): PresenceAnswer[] => {
  const answers = listOf<PresenceAnswer>(text);
  if (answers.every(({ connection, people }) => typeof connection === 'string' && Array.isArray(people))) {
    return answers as PresenceAnswer[];
  }
  throw new TypeError('not presence answers');
};

const listOf = <T>(text: string): Partial<T>[] => {
  const list: unknown = JSON.parse(text);
  if (Array.isArray(list)) return list as Partial<T>[];
  throw new TypeError('not a list');
};
