import type { Message } from '@chatapp/contract/shapes';

/** That a message mentions a person, for counting. */
export interface MentionRow {
  readonly conversationId: string;
  readonly userId: string;
  readonly seq: number;
}

/** Rows are kept for others only: nobody is told of having mentioned themselves. */
export const mentionRows = (message: Message | undefined): MentionRow[] =>
  (message?.mentions ?? [])
    .filter((userId) => userId !== message?.senderId)
    .map((userId) => ({ conversationId: message?.conversationId ?? '', userId, seq: message?.seq ?? 0 }));
