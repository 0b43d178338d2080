import { describe, expect, it } from 'bun:test';
import type { Message } from '@chatapp/contract/shapes';
import { createRoot, createSignal } from 'solid-js';
import { ann, bob, harbour, messageOf } from '../../test/people.ts';
import type { Client } from '../client.ts';
import { createNewMark } from './create-new-mark.ts';
import type { TimelineEntry, TimelineStatus } from './timeline-entry.ts';

/** The mark of ann, who looks at a conversation whose messages she has read up to 5. */
const start = (unreadBefore = 0) => {
  const state = { looking: true, ready: true, lastReadSeq: 5, messages: [] as Message[] };
  const [unread, setUnread] = createSignal(unreadBefore);
  const [status, setStatus] = createSignal<TimelineStatus>('ready');
  const client = {
    me: { id: ann },
    looking: () => state.looking,
    connection: { ready: () => state.ready },
    unread: { loaded: () => true, of: () => ({ unread: unread(), lastReadSeq: state.lastReadSeq }) },
  } as unknown as Client;
  const timeline = () => ({
    messages: new Map(state.messages.map((message) => [message.seq, message])),
    low: 1,
    high: 9,
  });
  const entry = { status, timeline } as unknown as TimelineEntry;
  const { mark, dispose } = createRoot((dispose) => ({ mark: createNewMark(client, harbour, entry), dispose }));
  const reset = (...messages: Message[]) => {
    setStatus('loading');
    state.messages = messages;
    setStatus('ready');
  };
  return { mark, state, setUnread, reset, dispose };
};
const ofBob = messageOf(6, { senderId: bob, body: 'Missed.' });

describe('the mark New', () => {
  it('stands where reading had got to when the conversation is opened', () => {
    const { mark, dispose } = start(3);
    expect(mark.newAfter()).toBe(5);
    dispose();
  });

  it.each([
    ['no place before what comes while the person looks', {}, undefined],
    ['a place before what comes while the person looks away', { looking: false }, 5],
    ['a place before what a resume brings to who looks already', { ready: false }, 5],
  ])('has %s', (_place, now, after) => {
    const { mark, state, setUnread, dispose } = start();
    Object.assign(state, now);
    setUnread(2);
    expect(mark.newAfter()).toBe(after);
    dispose();
  });

  it('has a place also before what came as the person turned away', () => {
    const { mark, state, setUnread, dispose } = start();
    setUnread(1);
    state.looking = false;
    setUnread(2);
    expect(mark.newAfter()).toBe(5);
    dispose();
  });

  it('stays where it is while there is more to read', () => {
    const { mark, state, setUnread, dispose } = start(3);
    Object.assign(state, { ready: false, lastReadSeq: 7 });
    setUnread(4);
    expect(mark.newAfter()).toBe(5);
    dispose();
  });

  it('stands where reading has got to by now in a timeline that is loaded anew', () => {
    const { mark, state, reset, dispose } = start(3);
    state.lastReadSeq = 8;
    reset(messageOf(8, { senderId: bob }), messageOf(9, { senderId: bob }));
    expect(mark.newAfter()).toBe(8);
    dispose();
  });

  it.each([
    ['has been read', messageOf(5, { senderId: bob })],
    ['is one’s own', messageOf(6, { senderId: ann })],
    ['counts as nothing to read', messageOf(6, { senderId: bob, kind: 'system' })],
    ['is deleted', messageOf(6, { senderId: bob, deletedAt: ofBob.createdAt })],
  ])('goes from a timeline that is loaded anew when what it holds %s', (_what, message) => {
    const { mark, setUnread, reset, dispose } = start(3);
    setUnread(0);
    reset(message);
    expect(mark.newAfter()).toBeUndefined();
    dispose();
  });
});
