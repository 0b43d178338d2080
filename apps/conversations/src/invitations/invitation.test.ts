import { describe, expect, it } from 'bun:test';
import {
  acceptRefusal,
  coolDownLeftMs,
  endingOf,
  expiryOf,
  inviteRefusal,
  refusedRoles,
  stateAt,
} from './invitation.ts';

const now = new Date('2026-11-22T10:00:00.000Z');
const later = (ms: number) => new Date(now.getTime() + ms);

describe('expiryOf', () => {
  it('ends after the time that was chosen, or never', () => {
    expect(expiryOf('1h', now)).toEqual(later(3_600_000));
    for (const days of [1, 7, 30] as const) expect(expiryOf(`${days}d`, now)).toEqual(later(days * 86_400_000));
    expect(expiryOf('never', now)).toBeNull();
  });
});

describe('stateAt', () => {
  it('has expired at its very end, not before', () => {
    const invitation = { state: 'pending', expiresAt: now } as const;
    expect(stateAt(invitation, later(-1))).toBe('pending');
    expect(stateAt(invitation, now)).toBe('expired');
  });
  it('leaves what ended otherwise alone', () => {
    expect(stateAt({ state: 'accepted', expiresAt: now }, later(1))).toBe('accepted');
    expect(stateAt({ state: 'pending', expiresAt: null }, later(1e12))).toBe('pending');
  });
});

describe('inviteRefusal', () => {
  const [open, closed] = [{ membersMayInvite: true }, { membersMayInvite: false }];
  it('lets admins invite up to their own role', () => {
    expect(inviteRefusal('admin', closed, 'admin')).toBeUndefined();
    expect(inviteRefusal('owner', closed, 'owner')).toBe('forbidden');
  });
  it('lets members invite only where they may, viewers never', () => {
    expect(inviteRefusal('member', closed, 'member')).toBe('forbidden');
    expect(inviteRefusal('member', open, 'viewer')).toBeUndefined();
    expect(inviteRefusal('member', open, 'admin')).toBe('forbidden');
    expect(inviteRefusal('viewer', open, 'viewer')).toBe('forbidden');
  });
  it('is what a role may not send', () => {
    expect(refusedRoles('admin', closed)).toEqual(['owner']);
    expect(refusedRoles('member', open)).toEqual(['owner', 'admin']);
    expect(refusedRoles('member', closed)).toEqual(['owner', 'admin', 'member', 'viewer']);
  });
});

describe('acceptRefusal and endingOf', () => {
  it.each([
    ['pending', undefined, 'settle', 'settle'],
    ['accepted', 'invitation-used-up', 'conflict', 'conflict'],
    ['declined', 'invitation-declined', 'done', 'invitation-declined'],
    ['revoked', 'invitation-revoked', 'invitation-revoked', 'done'],
    ['expired', 'invitation-expired', 'invitation-expired', 'invitation-expired'],
    ['used-up', 'invitation-used-up', 'invitation-used-up', 'invitation-used-up'],
  ] as const)('judge %s', (state, accepting, declining, revoking) => {
    expect(acceptRefusal(state)).toBe(accepting);
    expect(endingOf(state, 'declined')).toBe(declining);
    expect(endingOf(state, 'revoked')).toBe(revoking);
  });
});

describe('coolDownLeftMs', () => {
  it('counts down to nothing', () => {
    expect(coolDownLeftMs(undefined, { now, coolDownMs: 1000 })).toBe(0);
    expect(coolDownLeftMs(now, { now: later(400), coolDownMs: 1000 })).toBe(600);
    expect(coolDownLeftMs(now, { now: later(1000), coolDownMs: 1000 })).toBe(0);
  });
});
