import type { Command, CommandOf } from '@chatapp/contract/commands';

/** The people of the tests. */
export const ann = '11111111-1111-4111-8111-111111111111';
export const bob = '22222222-2222-4222-8222-222222222222';
export const eve = '33333333-3333-4333-8333-333333333333';

type Shared = Pick<Command, 'conversationId' | 'actorId' | 'clientId' | 'at' | 'role' | 'version' | 'origin'>;

const shared = (conversationId: string): Shared => ({
  conversationId,
  actorId: ann,
  clientId: crypto.randomUUID(),
  at: Date.now(),
  role: 'member',
  version: 1,
  origin: null,
});

/** Commands as realtime adds them, ann's unless told otherwise. */
export const send = (conversationId: string, over: Partial<CommandOf<'send'>> = {}): CommandOf<'send'> => ({
  ...shared(conversationId),
  op: 'send',
  body: 'hello',
  replyTo: null,
  ...over,
});

export const edit = (
  conversationId: string,
  seq: number,
  over: Partial<CommandOf<'edit'>> = {},
): CommandOf<'edit'> => ({
  ...shared(conversationId),
  op: 'edit',
  seq,
  body: 'better',
  ...over,
});

export const remove = (
  conversationId: string,
  seq: number,
  over: Partial<CommandOf<'delete'>> = {},
): CommandOf<'delete'> => ({ ...shared(conversationId), op: 'delete', seq, ...over });

export const react = (
  conversationId: string,
  seq: number,
  over: Partial<CommandOf<'react'>> = {},
): CommandOf<'react'> => ({ ...shared(conversationId), op: 'react', seq, emoji: '👍', on: true, ...over });

export const read = (conversationId: string, over: Partial<CommandOf<'read'>> = {}): CommandOf<'read'> => ({
  ...shared(conversationId),
  op: 'read',
  seq: null,
  markedUnread: null,
  ...over,
});
