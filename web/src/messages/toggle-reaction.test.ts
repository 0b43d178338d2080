import { describe, expect, it } from 'bun:test';
import { ann, bob, harbour, messageOf } from '../../test/people.ts';
import type { AppContext } from '../context.ts';
import { toggleReaction } from './toggle-reaction.ts';

const start = (add: () => Promise<string> = async () => 'id') => {
  const asked: unknown[] = [];
  const failures: string[] = [];
  const outbox = {
    add: (...what: unknown[]) => {
      asked.push(what);
      return add();
    },
  };
  const notices = { fail: (text: string) => failures.push(text) };
  const app = { client: { me: { id: ann }, outbox }, notices } as unknown as AppContext;
  return { app, asked, failures };
};
const liked = (...userIds: string[]) => messageOf(4, { reactions: [{ emoji: '👍', count: userIds.length, userIds }] });

describe('toggleReaction', () => {
  it('sets one, also where others have, and takes back my own', () => {
    const { app, asked } = start();
    toggleReaction(app, messageOf(4), '👍');
    toggleReaction(app, liked(bob), '👍');
    toggleReaction(app, liked(bob, ann), '👍');
    const command = { kind: 'react', seq: 4, emoji: '👍' };
    expect(asked).toEqual([true, true, false].map((on) => [harbour, { ...command, on }]));
  });

  it('says when it cannot be stored', async () => {
    const { app, failures } = start(() => Promise.reject(new Error('full')));
    toggleReaction(app, messageOf(4), '👍');
    await Promise.resolve();
    await Promise.resolve();
    expect(failures).toEqual(['This browser has no room to keep that until it is sent.']);
  });
});
