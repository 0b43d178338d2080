import type { ExpiresIn, Invite } from '@chatapp/contract/http-conversations';
import { outranks } from '@chatapp/contract/roles';
import type { Conversation } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';

export type InvitedRole = NonNullable<Invite['role']>;

/** What an invitation gives and how long it stands, as the dialog's three ways share it. */
export type InviteTerms = ReturnType<typeof createInviteTerms>;

export const expiries = ['1h', '1d', '7d', '30d', 'never'] as const satisfies readonly ExpiresIn[];

/** How many may join by a link, to pick from; 0 stands for no limit. */
export const usesToPick = [0, 1, 5, 25, 100] as const;

const invitedRoles = ['admin', 'member', 'viewer'] as const satisfies readonly InvitedRole[];

/** The roles that this person may invite with: never above their own. */
export const rolesToInvite = ({ myRole }: Pick<Conversation, 'myRole'>): readonly InvitedRole[] =>
  invitedRoles.filter((role) => !outranks(role, myRole));

export const createInviteTerms = () => {
  const [role, setRole] = createSignal<InvitedRole>('member');
  const [expiresIn, setExpiresIn] = createSignal<ExpiresIn>('7d');
  const [uses, setUses] = createSignal(0);
  return {
    role,
    setRole,
    expiresIn,
    setExpiresIn,
    uses,
    setUses,
    /** For a person or an address. */
    ofOne: (): Pick<Invite, 'role' | 'expiresIn'> => ({ role: role(), expiresIn: expiresIn() }),
    ofLink: (): Invite => ({
      link: true,
      role: role(),
      expiresIn: expiresIn(),
      ...(uses() > 0 && { usesMax: uses() }),
    }),
  };
};
