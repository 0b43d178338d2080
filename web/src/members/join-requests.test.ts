import { describe, expect, it } from 'bun:test';
import type { JoinRequest } from '@chatapp/contract/shapes';
import { ann, bob, eve, harbour } from '../../test/people.ts';
import { createJoinRequests } from './join-requests.ts';

const requestOf = (id: string): JoinRequest => ({
  user: { id, name: id, avatarUrl: null },
  createdAt: '2026-11-22T10:00:00.000Z',
});

describe('who asks to join', () => {
  it('is in an answer as they are by now, which was on its way when they asked or were answered', async () => {
    const { promise, resolve } = Promise.withResolvers<JoinRequest[]>();
    const requests = createJoinRequests({ joinRequests: () => promise });
    const loaded = requests.load(harbour);
    requests.add(harbour, requestOf(bob));
    requests.remove(harbour, eve);
    resolve([requestOf(ann), requestOf(eve)]);
    await loaded;
    expect(requests.of(harbour).map(({ user }) => user.id)).toEqual([ann, bob]);
  });
});
