import type { Message } from '@chatapp/contract/shapes';

/** The people of all tests, and what they say. */
export const ann = '00000001-0000-4000-8000-000000000001';
export const bob = '00000002-0000-4000-8000-000000000002';
export const eve = '00000003-0000-4000-8000-000000000003';
export const harbour = '11111111-0000-4000-8000-000000000001';

/** A text message of bob; `rev` is its `seq` unless told. */
export const messageOf = (seq: number, more: Partial<Message> = {}): Message => ({
  conversationId: harbour,
  seq,
  rev: seq,
  id: `22222222-0000-4000-8000-${String(seq).padStart(12, '0')}`,
  clientId: `33333333-0000-4000-8000-${String(seq).padStart(12, '0')}`,
  senderId: bob,
  kind: 'text',
  body: `message ${seq}`,
  replyTo: null,
  reactions: [],
  mentions: [],
  system: null,
  createdAt: new Date(Date.UTC(2026, 10, 22, 10, 0, seq)).toISOString(),
  editedAt: null,
  deletedAt: null,
  ...more,
});

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
