import fc from 'fast-check';
import type { Tried } from './membership-model.ts';
import { logins } from './service.ts';

/** One of the five. */
export const login = fc.constantFrom(...logins);
const c = fc.nat(1);
const invitation = fc.nat(11);
const role = fc.constantFrom('admin', 'member', 'viewer');
const days = fc.constantFrom(null, 1, 7);
const orOwner = fc.oneof({ weight: 2, arbitrary: fc.constant('owner' as const) }, { weight: 3, arbitrary: login });
const orAsker = fc.oneof({ weight: 3, arbitrary: fc.constant('asker' as const) }, { weight: 1, arbitrary: login });
const orInvitee = fc.oneof({ weight: 3, arbitrary: fc.constant('invitee' as const) }, { weight: 1, arbitrary: login });
const orInviter = fc.oneof({ weight: 1, arbitrary: fc.constant('inviter' as const) }, { weight: 1, arbitrary: login });

/** Anything that somebody may try, more often by who may do it. */
export const act: fc.Arbitrary<Tried> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('create' as const), actor: login }) },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ do: fc.constant('invite' as const), whom: fc.constantFrom('person' as const, 'email' as const) },
      ...{ c, actor: orOwner, target: login, role, days },
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ do: fc.constant('invite' as const), whom: fc.constant('link' as const), c, actor: orOwner, role, days },
      usesMax: fc.constantFrom(null, 1, 2),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constantFrom('accept' as const, 'redeem' as const, 'preview' as const),
      ...{ invitation, actor: orInvitee },
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('decline' as const), invitation, actor: orInvitee, block: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revoke' as const), invitation, actor: orInviter }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('leave' as const, 'delete' as const, 'restore' as const, 'restore' as const),
      ...{ c, actor: orOwner },
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom('remove' as const, 'ban' as const, 'unban' as const, 'transfer' as const),
      ...{ c, actor: orOwner, target: login },
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('role' as const), c, actor: orOwner, target: login, role }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('archive' as const, 'members-may-invite' as const),
      ...{ c, actor: orOwner, on: fc.boolean() },
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ do: fc.constant('joinable' as const), c, actor: orOwner },
      on: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('ask' as const, 'ask' as const, 'withdraw' as const),
      ...{ c, actor: login },
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('let-in' as const, 'turn-down' as const, 'ban' as const),
      ...{ c, actor: orOwner, target: orAsker },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('block' as const, 'unblock' as const),
      ...{ actor: login, target: login },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(2, 25, 8 * 24) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
);
