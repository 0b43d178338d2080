import type { Command, CommandAnswer } from '@chatapp/contract/commands';
import type { Message, SystemEvent } from '@chatapp/contract/shapes';

/** What a bus event does to a conversation: a system message, the read marker of who joined, the loss of a right; each may be absent. */
export interface BusNote {
  readonly op: 'note';
  readonly conversationId: string;
  /** Who did it; the sender of the system message. */
  readonly actorId: string;
  /** The event's id: a repeated event is found by it. */
  readonly clientId: string;
  /** Ms since the epoch. */
  readonly at: number;
  readonly origin: null;
  readonly system: SystemEvent | null;
  /** The person's read marker moves to the last seq from before `at`. */
  readonly joined: string | null;
  /** Is no member any more. */
  readonly left: string | null;
  /** Of `everyone` where the conversation takes no writes any more. */
  readonly loss: { readonly userId: string; readonly version: number } | null;
  /** All of the conversation is to be erased. */
  readonly erases: boolean;
}

/** Stands for all members of a conversation at once. */
export const everyone = '00000000-0000-0000-0000-000000000000';

/** One thing to be saved: a person's command, by either road, or what a bus event asks for. */
export type Task = Command | BusNote;

/** What became of a task; every kind is answered, `saved` and `repeated` may change what others see. */
export type Outcome =
  | { readonly kind: 'saved'; readonly task: Task; readonly answer: CommandAnswer; readonly change: Change | null }
  | { readonly kind: 'repeated'; readonly task: Task; readonly answer: CommandAnswer; readonly change: Change | null }
  | { readonly kind: 'refused'; readonly task: Task; readonly answer: CommandAnswer; readonly change: null };

/** What others get to see: a message's whole state at `rev`, or where a person's marker is: their own devices do, the other members where `isShown`. */
export type Change =
  | { readonly type: 'message'; readonly rev: number; readonly message: Message }
  | { readonly type: 'read'; readonly userId: string; readonly marker: Marker; readonly isShown: boolean };

export interface Marker {
  readonly seq: number;
  readonly markedUnread: boolean;
}

/** The key of a thing that several columns name; none of them holds a space. */
export const keyOf = (one: string, two: string | number, ...more: readonly (string | number)[]): string =>
  more.length === 0 ? `${one} ${two}` : `${one} ${two} ${more.join(' ')}`;

/** The identity of a task: who asked for it, where, under which id. */
export const taskKey = (task: Pick<Task, 'conversationId' | 'actorId' | 'clientId'>): string =>
  `${task.conversationId} ${task.actorId} ${task.clientId}`;
