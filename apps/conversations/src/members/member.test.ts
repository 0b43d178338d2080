import { describe, expect, it } from 'bun:test';
import { roles } from '@chatapp/contract/roles';
import { leaveRefusal, removalRefusal, roleChangeRefusal } from './member.ts';

describe('removalRefusal', () => {
  const allowed = ['owner>admin', 'owner>member', 'owner>viewer', 'admin>member', 'admin>viewer'];
  it('lets owners and admins remove who is strictly below', () => {
    const found = roles.flatMap((actor) =>
      roles.filter((subject) => removalRefusal(actor, subject) === undefined).map((subject) => `${actor}>${subject}`),
    );
    expect(found).toEqual(allowed);
  });
});

describe('roleChangeRefusal', () => {
  it('gives roles up to one’s own to people strictly below', () => {
    const found = roles.flatMap((actor) =>
      roles.flatMap((subject) =>
        roles
          .filter((next) => roleChangeRefusal(actor, subject, next) === undefined)
          .map((next) => `${actor}: ${subject} to ${next}`),
      ),
    );
    expect(found.filter((line) => line.startsWith('admin'))).toEqual([
      'admin: member to admin',
      'admin: member to member',
      'admin: member to viewer',
      'admin: viewer to admin',
      'admin: viewer to member',
      'admin: viewer to viewer',
    ]);
    expect(found.filter((line) => /^(member|viewer)/.test(line))).toEqual([]);
  });
});

describe('leaveRefusal', () => {
  const group = (memberCount: number) => ({ kind: 'group', memberCount }) as const;
  it('keeps the owner while others are there', () => {
    expect(leaveRefusal('owner', group(2))).toBe('last-owner');
    expect(leaveRefusal('owner', group(1))).toBeUndefined();
    expect(leaveRefusal('admin', group(2))).toBeUndefined();
  });
  it('keeps both in a direct conversation', () => {
    expect(leaveRefusal('member', { kind: 'direct', memberCount: 2 })).toBe('conflict');
  });
});
