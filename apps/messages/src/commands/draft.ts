import type { ProblemCode } from '@chatapp/contract/problem';
import type { Message } from '@chatapp/contract/shapes';
import { everyone, keyOf, type Marker, type Task, taskKey } from './task.ts';

export interface Position {
  readonly seq: number;
  readonly rev: number;
}

/** That a command was dealt with: its rev where it changed something, its code where it was refused for good. */
export interface Applied {
  readonly rev: number | null;
  readonly code: ProblemCode | null;
}

/** What the database knows about a batch's conversations, read under the lock of their heads. Keys are made by `keyOf`. */
export interface Known {
  /** conversation → the last positions given. */
  readonly heads: ReadonlyMap<string, Position>;
  /** `taskKey` → the message that it was saved as. */
  readonly sent: ReadonlyMap<string, Message>;
  /** `taskKey` → what became of it. */
  readonly applied: ReadonlyMap<string, Applied>;
  /** conversation, user → the version at which a right was last lost. */
  readonly losses: ReadonlyMap<string, number>;
  /** conversation, seq → the messages that are to be changed. */
  readonly messages: ReadonlyMap<string, Message>;
  /** conversation, seq, emoji, user: the reactions among those in the batch that are set. */
  readonly reactions: ReadonlySet<string>;
  /** conversation, user → the markers of those who read in this batch. */
  readonly markers: ReadonlyMap<string, KnownMarker>;
  /** `taskKey` of a note → the last seq from before it. */
  readonly seqsBefore: ReadonlyMap<string, number>;
}

export interface ReactionWrite {
  readonly conversationId: string;
  readonly seq: number;
  readonly emoji: string;
  readonly userId: string;
  readonly rev: number;
  /** The rev at which the emoji came to the message; null: as that of its other reactions. */
  readonly firstRev: number | null;
  readonly on: boolean;
}

export interface KnownMarker extends Marker {
  /** Of the command that moved or flagged it last; null where none did. */
  readonly clientId: string | null;
}

export interface MarkerWrite extends KnownMarker {
  readonly conversationId: string;
  readonly userId: string;
}

export interface MembershipWrite {
  readonly conversationId: string;
  readonly userId: string;
  readonly isMember: boolean;
}

/**
 * The state of a batch while its tasks are decided one after another: what is known, overlaid with what the batch has already
 * changed, so that the second task of a batch sees the first one's effect. Lives as long as one attempt to save.
 */
export class Draft {
  /** Of every new message: `now`, as the wire has it. */
  readonly createdAt: string;
  readonly heads: Map<string, Position>;
  readonly sent: Map<string, Message>;
  readonly applied: Map<string, Applied>;
  readonly losses: Map<string, number>;
  readonly messages: Map<string, Message>;
  readonly reactions: Set<string>;
  readonly markers: Map<string, KnownMarker>;

  /** conversation, seq → the rev at which a new message came. */
  readonly created = new Map<string, number>();
  readonly changed = new Set<string>();
  readonly appliedWrites = new Map<string, { task: Task; applied: Applied }>();
  /** conversation, seq, emoji → the rev at which the emoji came to the message, in this batch. */
  readonly emojiCame = new Map<string, number>();
  readonly reactionWrites = new Map<string, ReactionWrite>();
  readonly markerWrites = new Map<string, MarkerWrite>();
  readonly lossWrites = new Map<string, { conversationId: string; userId: string; version: number }>();
  /** Conversation, user → whether they are a member now. */
  readonly membershipWrites = new Map<string, MembershipWrite>();
  /** Conversations that are to be erased. */
  readonly erasures = new Set<string>();

  constructor(
    readonly known: Known,
    /** Of the whole batch, as stored. */
    readonly now: Date,
    readonly newId: () => string,
  ) {
    this.createdAt = now.toISOString();
    this.heads = new Map(known.heads);
    this.sent = new Map(known.sent);
    this.applied = new Map(known.applied);
    this.losses = new Map(known.losses);
    this.messages = new Map(known.messages);
    this.reactions = new Set(known.reactions);
    this.markers = new Map(known.markers);
  }

  head(conversationId: string): Position {
    return this.heads.get(conversationId) ?? { seq: 0, rev: 0 };
  }

  /** The present state of a message of this batch or of the database. */
  message(conversationId: string, seq: number): Message | undefined {
    return this.messages.get(keyOf(conversationId, seq));
  }

  /** Gives the next `seq` and `rev` to a new message. */
  create(fields: Omit<Message, 'seq' | 'rev' | 'id' | 'createdAt' | 'editedAt' | 'deletedAt' | 'reactions'>): Message {
    const head = this.head(fields.conversationId);
    const message: Message = {
      conversationId: fields.conversationId,
      seq: head.seq + 1,
      rev: head.rev + 1,
      id: this.newId(),
      clientId: fields.clientId,
      senderId: fields.senderId,
      kind: fields.kind,
      body: fields.body,
      replyTo: fields.replyTo,
      reactions: [],
      mentions: fields.mentions,
      system: fields.system,
      createdAt: this.createdAt,
      editedAt: null,
      deletedAt: null,
    };
    const key = keyOf(message.conversationId, message.seq);
    this.heads.set(message.conversationId, { seq: message.seq, rev: message.rev });
    this.messages.set(key, message);
    this.created.set(key, message.rev);
    this.sent.set(keyOf(message.conversationId, message.senderId, message.clientId), message);
    return message;
  }

  /** Gives the next `rev` to a change of a message. */
  change(before: Message, fields: Partial<Message>): Message {
    const head = this.head(before.conversationId);
    const message: Message = { ...before, ...fields, rev: head.rev + 1 };
    const key = keyOf(message.conversationId, message.seq);
    this.heads.set(message.conversationId, { seq: head.seq, rev: message.rev });
    this.messages.set(key, message);
    if (!this.created.has(key)) this.changed.add(key);
    return message;
  }

  /** Notes that a task was dealt with, so that its repeat changes nothing. */
  settle(task: Task, applied: Applied): void {
    const key = taskKey(task);
    this.applied.set(key, applied);
    this.appliedWrites.set(key, { task, applied });
  }

  noteMembership(conversationId: string, userId: string, isMember: boolean): void {
    this.membershipWrites.set(keyOf(conversationId, userId), { conversationId, userId, isMember });
  }

  /** The version from which on what a person was granted counts. */
  lossOf(conversationId: string, userId: string): number {
    if (this.losses.size === 0) return 0;
    const own = this.losses.get(keyOf(conversationId, userId)) ?? 0;
    return Math.max(own, this.losses.get(keyOf(conversationId, everyone)) ?? 0);
  }

  /** Moves a marker, which never goes back; of the flag beside it the last word counts. */
  moveMarker(write: MarkerWrite): Marker {
    const key = keyOf(write.conversationId, write.userId);
    const seq = Math.max(write.seq, this.markerWrites.get(key)?.seq ?? 0);
    const { markedUnread } = write;
    const clientId = write.clientId ?? this.markers.get(key)?.clientId ?? null;
    this.markerWrites.set(key, { ...write, seq, clientId });
    this.markers.set(key, { seq, markedUnread, clientId });
    return { seq, markedUnread };
  }
}
