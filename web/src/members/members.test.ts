import { describe, expect, it } from 'bun:test';
import type { Role } from '@chatapp/contract/roles';
import type { Member, Page } from '@chatapp/contract/shapes';
import { ann, bob, eve, harbour } from '../../test/people.ts';
import type { People } from '../conversations/people.ts';
import { createMembers } from './members.ts';

const memberOf = (id: string, role: Role = 'member'): Member => ({
  user: { id, name: id, avatarUrl: null },
  role,
  joinedAt: '2026-11-22T10:00:00.000Z',
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Each question waits until the test answers it. */
const start = () => {
  const asked: ((page: Page<Member>) => void)[] = [];
  const api = { members: () => new Promise<Page<Member>>((answer) => asked.push(answer)) };
  const members = createMembers({ api, people: { learn: () => undefined } as unknown as People });
  const pageOf = (ids: readonly string[], next: string | null) => ({ items: ids.map((id) => memberOf(id)), next });
  const answer = (ids: readonly string[], next: string | null = null) => asked.shift()?.(pageOf(ids, next));
  const answerLast = (ids: readonly string[]) => asked.pop()?.(pageOf(ids, null));
  /** Three pages are asked for at once. */
  const load = async () => {
    const loaded = members.load(harbour);
    for (const ids of [[ann], [bob], []]) {
      answer(ids, 'more');
      await settled();
    }
    await loaded;
  };
  const ids = () => members.of(harbour)?.map(({ user }) => user.id);
  return { members, answer, answerLast, load, ids };
};

describe('members who come, change and go while an answer is on its way', () => {
  it('are in it as they are by now', async () => {
    const { members, answer, ids } = start();
    const loaded = members.load(harbour);
    members.change(harbour, memberOf(ann, 'admin'), 'role');
    members.change(harbour, memberOf(bob), 'added');
    members.change(harbour, memberOf(eve), 'removed');
    answer([eve, ann]);
    await loaded;
    expect(ids()).toEqual([ann, bob]);
    expect(members.of(harbour)?.[0]?.role).toBe('admin');
  });

  it('are not put back by an answer to an earlier question', async () => {
    const { members, answer, answerLast, ids } = start();
    const loaded = [members.load(harbour), members.load(harbour)];
    answerLast([ann, bob]);
    await loaded[1];
    answer([ann, bob, eve]);
    await loaded[0];
    expect(ids()).toEqual([ann, bob]);
  });

  it('are not brought back by a further page', async () => {
    const { members, answer, load, ids } = start();
    await load();
    const more = members.loadMore(harbour);
    members.change(harbour, memberOf(eve), 'removed');
    answer([eve]);
    await more;
    expect(ids()).toEqual([ann, bob]);
    expect(members.hasMore(harbour)).toBe(false);
  });
});

describe('the conversations whose members are kept true', () => {
  it('are those that were asked for, before an answer, until they are forgotten', async () => {
    const { members, answer, ids } = start();
    const loaded = members.load(harbour);
    expect(members.ids()).toEqual([harbour]);
    members.forget(harbour);
    answer([ann]);
    await loaded;
    expect(members.ids()).toEqual([]);
    expect(ids()).toBeUndefined();
  });
});
