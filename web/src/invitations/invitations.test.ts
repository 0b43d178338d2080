import { describe, expect, it } from 'bun:test';
import type { Invitation } from '@chatapp/contract/shapes';
import { ann } from '../../test/people.ts';
import { createInvitations } from './invitations.ts';

const pending = (id: string) => ({ id, state: 'pending', createdAt: '2026-11-22T10:00:00.000Z' }) as Invitation;

describe('invitations', () => {
  it('are those of the later of two lists, whichever is answered first', async () => {
    const asked: ((items: Invitation[]) => void)[] = [];
    const api = { invitations: () => new Promise<Invitation[]>((answer) => asked.push(answer)) };
    const invitations = createInvitations({ api, me: ann });
    const loads = [invitations.load(), invitations.load()];
    asked[1]?.([pending('new')]);
    await loads[1];
    asked[0]?.([pending('taken-back')]);
    await loads[0];
    expect(invitations.pending().map(({ id }) => id)).toEqual(['new']);
  });

  it('do not come back with a list that is older than their answer', async () => {
    const { promise, resolve } = Promise.withResolvers<Invitation[]>();
    const invitations = createInvitations({ api: { invitations: () => promise }, me: ann });
    const loaded = invitations.load();
    invitations.remove('answered');
    resolve([pending('answered'), pending('open')]);
    await loaded;
    expect(invitations.pending().map(({ id }) => id)).toEqual(['open']);
  });
});
