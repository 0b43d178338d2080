import { describe, expect, it } from 'bun:test';
import type { Push } from '@chatapp/contract/frames';
import { bob, harbour, messageOf } from '../../test/people.ts';
import { createInbox } from './inbox.ts';

const message: Push = { e: 'message', c: harbour, rev: 1, message: messageOf(1) };
const gone: Push = { e: 'conversation', c: harbour, gone: true };
const presence: Push = { e: 'presence', userId: bob, status: 'online' };

const start = () => {
  const delivered: (Push | 'answer')[] = [];
  return { delivered, inbox: createInbox((push) => delivered.push(push)) };
};

describe('inbox', () => {
  it('holds what is about a conversation until the resume is answered', () => {
    const { delivered, inbox } = start();
    inbox.hold();
    inbox.take(message);
    inbox.take(presence);
    inbox.take(gone);
    expect(delivered).toEqual([presence]);
    inbox.release(() => delivered.push('answer'));
    expect(delivered).toEqual([presence, 'answer', message, gone]);
    inbox.take(message);
    expect(delivered.at(-1)).toBe(message);
  });

  it('forgets with the connection what it held', () => {
    const { delivered, inbox } = start();
    inbox.hold();
    inbox.take(message);
    inbox.clear();
    inbox.hold();
    inbox.release(() => undefined);
    expect(delivered).toEqual([]);
  });
});
