import { describe, expect, it } from 'bun:test';
import { createInviteTerms, rolesToInvite } from './invite-terms.ts';

describe('rolesToInvite', () => {
  it('is never above the inviter, and never the owner', () => {
    expect(rolesToInvite({ myRole: 'owner' })).toEqual(['admin', 'member', 'viewer']);
    expect(rolesToInvite({ myRole: 'admin' })).toEqual(['admin', 'member', 'viewer']);
    expect(rolesToInvite({ myRole: 'member' })).toEqual(['member', 'viewer']);
  });
});

describe('invite terms', () => {
  it('begin with a member for seven days, and a link without a limit', () => {
    const terms = createInviteTerms();
    expect(terms.ofOne()).toEqual({ role: 'member', expiresIn: '7d' });
    expect(terms.ofLink()).toEqual({ link: true, role: 'member', expiresIn: '7d' });
  });

  it('carry what was picked', () => {
    const terms = createInviteTerms();
    terms.setRole('viewer');
    terms.setExpiresIn('never');
    terms.setUses(5);
    expect(terms.ofLink()).toEqual({ link: true, role: 'viewer', expiresIn: 'never', usesMax: 5 });
  });
});
