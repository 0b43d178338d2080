import type { ReadyChecks } from '@chatapp/service/health';
import type { Log } from '@chatapp/service/log';
import type { Metrics } from '@chatapp/service/metrics';
import type { RouteNames } from '@chatapp/service/route-names';
import { serviceApp } from '@chatapp/service/service-app';
import type { AnyElysia } from 'elysia';
import { readAudit } from './audit/read-audit.ts';
import { banMember } from './bans/ban-member.ts';
import { listBans } from './bans/list-bans.ts';
import { unbanMember } from './bans/unban-member.ts';
import { blocks } from './blocks/blocks.ts';
import { access } from './conversations/access.ts';
import { conversationAvatars, isConversationAvatarPath } from './conversations/conversation-avatars.ts';
import { createConversation } from './conversations/create-conversation.ts';
import { deleteConversation } from './conversations/delete-conversation.ts';
import { startDirectConversation } from './conversations/direct-conversation.ts';
import { listConversations } from './conversations/list-conversations.ts';
import { updateConversation } from './conversations/update-conversation.ts';
import type { Deps } from './deps.ts';
import { acceptInvitation } from './invitations/accept-invitation.ts';
import { declineInvitation } from './invitations/decline-invitation.ts';
import { invite } from './invitations/invite.ts';
import { listInvitations } from './invitations/list-invitations.ts';
import { redeemToken } from './invitations/redeem-token.ts';
import { revokeInvitation } from './invitations/revoke-invitation.ts';
import { answerJoinRequest } from './join-requests/answer-join-request.ts';
import { askToJoin } from './join-requests/ask-to-join.ts';
import { listJoinRequests } from './join-requests/list-join-requests.ts';
import { changeRole } from './members/change-role.ts';
import { leaveConversation } from './members/leave-conversation.ts';
import { listMembers } from './members/list-members.ts';
import { removeMember } from './members/remove-member.ts';
import { transferOwnership } from './members/transfer-ownership.ts';
import { updateMembership } from './members/update-membership.ts';
import { avatarPath, avatars } from './users/avatars.ts';
import { deleteMe } from './users/delete-me.ts';
import { directory } from './users/directory.ts';
import { exportMe } from './users/export-me.ts';
import { me } from './users/me.ts';
import { saveProfile } from './users/save-profile.ts';
import { tellProfile } from './users/tell-profile.ts';

export interface AppOptions extends Deps {
  readonly log: Log;
  readonly metrics: Metrics;
  /** The database: without it nothing works. */
  readonly checks: ReadyChecks;
  /** Redis: without it events wait in the outbox. */
  readonly optionalChecks?: ReadyChecks;
  readonly draining?: () => boolean;
  readonly apiDocs?: boolean;
}

const about = 'Conversations, members, roles, invitations and the directory of people. Events of all of it, in order.';

/** The whole HTTP surface of conversations. */
export const createApp = (options: AppOptions): AnyElysia => {
  const { log, metrics, checks, optionalChecks = {}, draining, apiDocs = true, ...deps } = options;
  const app: AnyElysia = serviceApp({
    name: 'conversations',
    about,
    log,
    metrics,
    checks,
    optionalChecks,
    apiDocs,
    ownBody: (path) => path === avatarPath || isConversationAvatarPath(path),
    ...(draining ? { draining } : {}),
  });
  // In a chain each route would add to the type of the next, which the compiler gives up at.
  const all: readonly AnyElysia[] = routesOf(deps);
  for (const routes of all) app.use(routes);
  return app;
};

const routesOf = (deps: Deps) =>
  [
    createConversation(deps),
    listConversations(deps),
    updateConversation(deps),
    conversationAvatars(deps),
    deleteConversation(deps),
    startDirectConversation(deps),
    listMembers(deps),
    changeRole(deps),
    removeMember(deps),
    leaveConversation(deps),
    transferOwnership(deps),
    updateMembership(deps),
    banMember(deps),
    unbanMember(deps),
    listBans(deps),
    readAudit(deps),
    askToJoin(deps),
    listJoinRequests(deps),
    answerJoinRequest(deps),
    invite(deps),
    redeemToken(deps),
    listInvitations(deps),
    acceptInvitation(deps),
    declineInvitation(deps),
    revokeInvitation(deps),
    directory(deps),
    me(deps),
    avatars(deps),
    exportMe(deps),
    deleteMe(deps),
    blocks(deps),
    access(deps),
    saveProfile(deps),
    tellProfile(deps),
  ] as const;

/** Every route of this service, beside what all services have. */
export type ConversationsRoute = RouteNames<ReturnType<typeof routesOf>[number]>;
