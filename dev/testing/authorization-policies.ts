import type { ClientOp } from '@chatapp/contract/frames';
import type { RouteNames } from '@chatapp/service/route-names';
import type { serviceApp } from '@chatapp/service/service-app';
import type { ConversationsRoute } from '../../apps/conversations/src/app.ts';
import type { createApp as createMessages } from '../../apps/messages/src/app.ts';
import {
  anybody,
  byRole,
  type Expected,
  everyMember,
  everyPerson,
  machinesOnly,
  type Policy,
} from './authorization.ts';

/**
 * Who may do what, by whatever road: every route of the services and every command of the socket. One that is added there and not here does not
 * compile. What a role may is not said here: `byRole` asks the one table of it.
 */

/** Every service has these. */
const ofAllServices: Record<RouteNames<ReturnType<typeof serviceApp>> | 'GET /swagger/json', Expected> = {
  'GET /health/live': anybody,
  'GET /health/ready': anybody,
  'GET /metrics': anybody,
  'GET /swagger': anybody,
  'GET /swagger/json': anybody,
  'GET /swagger/assets/init.js': anybody,
  'GET /swagger/assets/:file': anybody,
};

/** The same for each route that every service has. */
export const forAllServices = <T>(value: T) =>
  Object.fromEntries(Object.keys(ofAllServices).map((name) => [name, value])) as Record<keyof typeof ofAllServices, T>;

const invitee = everyMember('not-found');
/** Whoever has a link may use it; who is banned may not. */
const linkHolder: Expected = { ...everyPerson('ok'), banned: 'banned' };
/** No picture is sent: that one is asked for is as far as it goes. */
const pictured = (policy: Expected): Expected =>
  Object.fromEntries(
    Object.entries(policy).map(([actor, outcome]) => [actor, outcome === 'ok' ? 'media-type' : outcome]),
  ) as Expected;

export const conversationsPolicies = {
  ...ofAllServices,
  'POST /conversations': everyPerson('ok'),
  'GET /conversations': everyPerson('ok'),
  'GET /conversations/:id': byRole('read'),
  'PATCH /conversations/:id': byRole('update-conversation'),
  'DELETE /conversations/:id': byRole('delete-conversation'),
  'POST /conversations/:id/restore': byRole('delete-conversation'),
  'GET /conversations/:id/avatar': byRole('read'),
  'PUT /conversations/:id/avatar': pictured(byRole('update-conversation')),
  'PATCH /conversations/:id/me': byRole('read'),
  'POST /conversations/:id/leave': { ...byRole('read'), owner: 'last-owner' },
  'POST /conversations/:id/owner': byRole('transfer-ownership'),
  'GET /conversations/:id/audit': byRole('read-audit'),
  'POST /direct-conversations': everyPerson('ok'),

  'GET /conversations/:id/members': byRole('read'),
  'PATCH /conversations/:id/members/:userId': byRole('change-role'),
  'DELETE /conversations/:id/members/:userId': byRole('remove-member'),
  'GET /conversations/:id/bans': byRole('remove-member'),
  'POST /conversations/:id/bans/:userId': byRole('remove-member'),
  'DELETE /conversations/:id/bans/:userId': byRole('remove-member'),
  // It is one that may be asked for.
  'POST /conversations/:id/join-requests': {
    ...everyMember('conflict'),
    exMember: 'ok',
    banned: 'banned',
    stranger: 'ok',
  },
  'GET /conversations/:id/join-requests': byRole('accept-join-request'),
  'DELETE /conversations/:id/join-requests': everyMember('not-found'),
  'POST /conversations/:id/join-requests/:userId/accept': byRole('accept-join-request'),
  'POST /conversations/:id/join-requests/:userId/decline': byRole('accept-join-request'),

  'POST /conversations/:id/invitations': byRole('invite'),
  // Those who may not revoke see their own.
  'GET /conversations/:id/invitations': byRole('read'),
  'GET /invitations': everyPerson('ok'),
  'POST /invitations/:id/accept': invitee,
  'POST /invitations/:id/decline': invitee,
  'DELETE /invitations/:id': byRole('revoke-invitation'),
  'GET /invitations/token/:token': linkHolder,
  'POST /invitations/token/:token/accept': linkHolder,

  'GET /users': everyPerson('ok'),
  'GET /users/:id/avatar': everyPerson('ok'),
  'GET /me': everyPerson('ok'),
  'PATCH /me': everyPerson('ok'),
  // Each of them owns a conversation with others in it.
  'DELETE /me': everyPerson('last-owner'),
  'PUT /me/avatar': pictured(everyPerson('ok')),
  'GET /me/export': everyPerson('ok'),
  'GET /me/blocks': everyPerson('ok'),
  'PUT /me/blocks/:userId': everyPerson('ok'),
  'DELETE /me/blocks/:userId': everyPerson('ok'),

  'GET /internal/conversations/:id/access': machinesOnly,
  'GET /internal/users/:id/conversations': machinesOnly,
  'POST /internal/memberships': machinesOnly,
  'PUT /internal/users/:id': machinesOnly,
  'GET /internal/users/:id': machinesOnly,
} as const satisfies Record<ConversationsRoute | keyof typeof ofAllServices, Policy>;

/** A text is its sender's to change, while they may write. */
const edit = { own: byRole('send'), others: everyMember('forbidden') };
/** Who may no longer write may still take back what they wrote. */
const remove = { own: byRole('read'), others: byRole('delete-others-message') };

export const messagesPolicies = {
  ...ofAllServices,
  'GET /conversations/:id/messages': byRole('read'),
  'GET /conversations/:id/changes': byRole('read'),
  'POST /conversations/:id/messages': byRole('send'),
  'PATCH /conversations/:id/messages/:seq': edit,
  'DELETE /conversations/:id/messages/:seq': remove,
  'PUT /conversations/:id/messages/:seq/reactions/:emoji': byRole('react'),
  'DELETE /conversations/:id/messages/:seq/reactions/:emoji': byRole('react'),
  'GET /conversations/:id/receipts': byRole('read'),
  'PUT /conversations/:id/read': byRole('read'),
  'GET /unread': everyPerson('ok'),
  'GET /me/messages': everyPerson('ok'),
  'GET /me/reactions': everyPerson('ok'),
  'GET /me/read-markers': everyPerson('ok'),

  'POST /internal/heads': machinesOnly,
  'POST /internal/changes': machinesOnly,
} as const satisfies Record<RouteNames<ReturnType<typeof createMessages>> | keyof typeof ofAllServices, Policy>;

export const socketPolicies = {
  resume: byRole('read'),
  'message.send': byRole('send'),
  'message.edit': edit,
  'message.delete': remove,
  'reaction.set': byRole('react'),
  read: byRole('read'),
  typing: byRole('send'),
  presence: everyPerson('ok'),
  ping: everyPerson('ok'),
} as const satisfies Record<ClientOp, Policy>;
