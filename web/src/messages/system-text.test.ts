import { describe, expect, it } from 'bun:test';
import type { SystemEvent } from '@chatapp/contract/shapes';
import { ann, bob, messageOf } from '../../test/people.ts';
import { systemText } from './system-text.ts';

const told = (system: SystemEvent, me: string, senderId = ann) =>
  systemText(messageOf(1, { kind: 'system', senderId, system }), me, (id) => (id === ann ? 'Ann' : 'Bob'));

describe('systemText', () => {
  it('names people, and calls me you', () => {
    expect(told({ type: 'joined', userId: bob }, ann, bob)).toBe('Bob joined.');
    expect(told({ type: 'joined', userId: bob }, bob, bob)).toBe('You joined.');
    expect(told({ type: 'created', userId: ann }, bob)).toBe('Ann created the conversation.');
    expect(told({ type: 'removed', userId: bob }, bob)).toBe('You were removed by Ann.');
    expect(told({ type: 'removed', userId: bob }, ann)).toBe('Bob was removed by you.');
    expect(told({ type: 'role', userId: bob, role: 'admin' }, bob)).toBe('Ann made you an admin.');
    expect(told({ type: 'renamed', userId: ann, name: 'Quay' }, bob)).toBe('Ann named the conversation Quay.');
  });
});
