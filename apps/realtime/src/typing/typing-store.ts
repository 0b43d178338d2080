import type { Redis } from 'ioredis';

/** The channel on which nodes tell each other who types. */
export const typingChannel = 'typing:all';

export interface TypingNote {
  readonly conversationId: string;
  readonly userId: string;
  readonly on: boolean;
}

/** Tells every node, this one too. Rejects when Redis does not answer: then it is lost, which typing may be. */
export const publishTyping = async (redis: Redis, { conversationId, userId, on }: TypingNote): Promise<void> => {
  await redis.publish(typingChannel, `${conversationId}\t${userId}\t${on ? 1 : 0}`);
};

export const decodeTyping = (text: string): TypingNote => {
  const [conversationId = '', userId = '', on] = text.split('\t');
  return { conversationId, userId, on: on === '1' };
};
