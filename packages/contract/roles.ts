/** Who may do what: one table for the services, the web client and the tests. Imports nothing: the web client takes it at run time. */

export const roles = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** What a person does in a conversation, as far as a role decides about it. */
export type Act =
  | 'read'
  | 'send'
  | 'react'
  | 'delete-others-message'
  | 'invite'
  | 'revoke-invitation'
  | 'update-conversation'
  | 'archive-conversation'
  | 'delete-conversation'
  | 'remove-member'
  | 'change-role'
  | 'transfer-ownership'
  | 'accept-join-request'
  | 'read-audit';

const everyone = ['owner', 'admin', 'member', 'viewer'] as const;
const writers = ['owner', 'admin', 'member'] as const;
const admins = ['owner', 'admin'] as const;
const owners = ['owner'] as const;

const allowed: Record<Act, readonly Role[]> = {
  read: everyone,
  send: writers,
  react: writers,
  'delete-others-message': admins,
  invite: admins,
  'revoke-invitation': admins,
  'update-conversation': admins,
  'archive-conversation': admins,
  'delete-conversation': owners,
  'remove-member': admins,
  'change-role': admins,
  'transfer-ownership': owners,
  'accept-join-request': admins,
  'read-audit': owners,
};

/** Whether a role may do an act. Members may invite where the conversation says so (`membersMayInvite`). */
export const may = (role: Role, act: Act, conversation?: { membersMayInvite: boolean }): boolean =>
  allowed[act].includes(role) || (act === 'invite' && role === 'member' && conversation?.membersMayInvite === true);

/** Whether `actor` stands strictly above `subject`: who may be removed, banned or given another role. */
export const outranks = (actor: Role, subject: Role): boolean => roles.indexOf(actor) < roles.indexOf(subject);
