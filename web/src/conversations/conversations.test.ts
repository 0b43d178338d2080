import { describe, expect, it } from 'bun:test';
import type { Conversation } from '@chatapp/contract/shapes';
import { createRoot } from 'solid-js';
import { createConversations } from './conversations.ts';

const conversationOf = (id: string, more: Partial<Conversation> = {}): Conversation => ({
  id,
  kind: 'group',
  name: id,
  topic: null,
  avatarUrl: null,
  version: 1,
  memberCount: 1,
  myRole: 'member',
  membersMayInvite: false,
  joinable: false,
  receipts: false,
  muted: false,
  notify: 'all',
  pinned: false,
  peer: null,
  createdAt: '2026-11-22T10:00:00.000Z',
  lastActivityAt: '2026-11-22T10:00:00.000Z',
  archivedAt: null,
  deletedAt: null,
  ...more,
});

const start = () => {
  const asked: ((items: Conversation[]) => void)[] = [];
  const conversations = createRoot(() =>
    createConversations({ conversations: () => new Promise((answer) => asked.push(answer)) }),
  );
  const ids = () => conversations.list().map(({ id }) => id);
  const answer = (items: Conversation[]) => asked.shift()?.(items);
  const answerLast = (items: Conversation[]) => asked.pop()?.(items);
  return { conversations, ids, answer, answerLast };
};

describe('conversations', () => {
  it('lists pinned ones first, then by their last activity, without archived and deleted ones', async () => {
    const { conversations, ids, answer } = start();
    const loaded = conversations.load();
    answer([
      conversationOf('old'),
      conversationOf('new', { lastActivityAt: '2026-11-22T11:00:00.000Z' }),
      conversationOf('pinned', { pinned: true, lastActivityAt: '2020-01-01T00:00:00.000Z' }),
      conversationOf('archived', { archivedAt: '2026-11-22T10:00:00.000Z' }),
    ]);
    await loaded;
    expect(ids()).toEqual(['pinned', 'new', 'old']);
    conversations.touch('old', '2026-11-22T12:00:00.000Z');
    expect(ids()).toEqual(['pinned', 'old', 'new']);
  });

  it('keeps archived and deleted ones apart, each in one place', async () => {
    const { conversations, ids, answer } = start();
    const loaded = conversations.load();
    const at = '2026-11-22T10:00:00.000Z';
    answer([
      conversationOf('archived', { archivedAt: at }),
      conversationOf('both', { archivedAt: at, deletedAt: at }),
      conversationOf('deleted', { deletedAt: at }),
    ]);
    await loaded;
    expect(conversations.archived().map(({ id }) => id)).toEqual(['archived']);
    expect(
      conversations
        .deleted()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['both', 'deleted']);
    conversations.change('deleted', 2, { deletedAt: null });
    expect(ids()).toEqual(['deleted']);
  });

  it('keeps what was pushed while a list was on its way', async () => {
    const { conversations, ids, answer } = start();
    const loaded = conversations.load();
    conversations.put(conversationOf('joined'));
    conversations.remove('left');
    answer([conversationOf('left')]);
    await loaded;
    expect(ids()).toEqual(['joined']);
  });

  it('keeps a change of one that is not known before the first list, unless the list is newer', async () => {
    const { conversations, answer } = start();
    const loaded = conversations.load();
    conversations.change('old', 2, { name: 'Renamed' });
    conversations.change('new', 2, { name: 'Renamed' });
    answer([conversationOf('old'), conversationOf('new', { name: 'Renamed again', version: 3 })]);
    await loaded;
    expect(['old', 'new'].map((id) => conversations.get(id)?.name)).toEqual(['Renamed', 'Renamed again']);
  });

  it('keeps one that changes while a list without it is on its way, unless it goes', async () => {
    const { conversations, ids, answer } = start();
    for (const id of ['written-in', 'left']) conversations.put(conversationOf(id));
    const loaded = conversations.load();
    for (const id of ['written-in', 'left']) conversations.touch(id, '2026-11-22T11:00:00.000Z');
    conversations.remove('left');
    answer([]);
    await loaded;
    expect(ids()).toEqual(['written-in']);
  });

  it('keeps the later of two lists, whichever is answered first', async () => {
    const { conversations, ids, answerLast, answer } = start();
    const loads = [conversations.load(), conversations.load()];
    answerLast([conversationOf('joined')]);
    await loads[1];
    answer([conversationOf('left')]);
    await loads[0];
    expect(ids()).toEqual(['joined']);
  });

  it('takes no older version in', () => {
    const { conversations } = start();
    conversations.put(conversationOf('a', { version: 5, name: 'five' }));
    conversations.change('a', 4, { name: 'four' });
    conversations.put(conversationOf('a', { version: 4, name: 'four' }));
    expect(conversations.get('a')?.name).toBe('five');
    conversations.change('a', 6, { name: 'six' });
    expect(conversations.get('a')).toMatchObject({ version: 6, name: 'six' });
  });
});
