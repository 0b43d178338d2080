import { may, outranks, type Role } from '@chatapp/contract/roles';
import type { Invitation } from '@chatapp/contract/shapes';
import { JoinRequestModel } from './join-request-model.ts';
import type { Login } from './service.ts';

/**
 * What the membership of conversations does, said a second time and as simply as can be: nothing is stored but what the protocol names, nobody
 * races, and an answer is its status with the code of its problem.
 */

type Invited = Exclude<Role, 'owner'>;

export type Act =
  | { do: 'create'; actor: Login }
  | {
      do: 'invite';
      c: number;
      actor: Actor;
      whom: 'person' | 'email';
      target: Login;
      role: Invited;
      days: number | null;
    }
  | { do: 'invite'; c: number; actor: Actor; whom: 'link'; role: Invited; days: number | null; usesMax: number | null }
  /** The n-th invitation of the whole run; `invitee`: by whoever it is for. */
  | { do: 'accept' | 'redeem' | 'preview'; invitation: number; actor: Login | 'invitee' }
  | { do: 'decline'; invitation: number; actor: Login | 'invitee'; block: boolean }
  | { do: 'revoke'; invitation: number; actor: Login | 'inviter' }
  | { do: 'leave'; c: number; actor: Actor }
  | { do: 'delete'; c: number; actor: Actor }
  | { do: 'restore'; c: number; actor: Actor }
  | { do: 'remove' | 'ban' | 'unban' | 'transfer'; c: number; actor: Actor; target: Login }
  | { do: 'role'; c: number; actor: Actor; target: Login; role: Invited }
  | { do: 'archive' | 'members-may-invite' | 'joinable'; c: number; actor: Actor; on: boolean }
  | { do: 'ask' | 'withdraw'; c: number; actor: Login }
  | { do: 'let-in' | 'turn-down'; c: number; actor: Actor; target: Login }
  | { do: 'block' | 'unblock'; actor: Login; target: Login }
  | { do: 'wait'; hours: number }
  | { do: 'sweep' };

/** `asker`: whoever asked first by then. */
export type Tried =
  | Exclude<Act, AnswerRequest>
  | { do: 'let-in' | 'turn-down' | 'ban'; c: number; actor: Actor; target: Login | 'asker' };

type AnswerRequest = Extract<Act, { do: 'let-in' | 'turn-down' }>;
type InConversation = Exclude<Extract<Act, { c: number }>, { do: 'ask' | 'withdraw' }>;

/** `owner`: whoever owns the conversation by then. */
export type Actor = Login | 'owner';

interface ModelInvitation {
  readonly conversation: ModelConversation;
  readonly kind: Invitation['kind'];
  readonly role: Invited;
  readonly inviter: Login;
  readonly target: Login | undefined;
  readonly endsAt: number;
  readonly usesMax: number;
  state: Invitation['state'];
  uses: number;
  declinedAt: number;
  readonly redeemed: Set<Login>;
  /** What the service calls it. */
  id: string;
  token: string;
}

interface ModelConversation {
  id: string;
  readonly members: Map<Login, Role>;
  readonly bans: Set<Login>;
  deletedAt: number | undefined;
  isErased: boolean;
  isArchived: boolean;
  membersMayInvite: boolean;
  joinable: boolean;
  readonly requests: JoinRequestModel;
}

const hour = 1;
const day = 24 * hour;
const coolDown = day;
const grace = 7 * day;

const refusals: Record<Exclude<Invitation['state'], 'pending'>, string> = {
  accepted: '410 invitation-used-up',
  'used-up': '410 invitation-used-up',
  declined: '410 invitation-declined',
  revoked: '410 invitation-revoked',
  expired: '410 invitation-expired',
};

export class MembershipModel {
  readonly conversations: ModelConversation[] = [];
  readonly invitations: ModelInvitation[] = [];
  readonly #blocks = new Set<string>();
  /** In hours since the run began. */
  #now = 0;

  /** What is tried, with the name of the person whom it concerns. */
  named(tried: Tried): Act {
    switch (tried.do) {
      case 'let-in':
      case 'turn-down':
      case 'ban': {
        const asker = this.conversation(tried.c)?.requests.first ?? 'eve';
        return { ...tried, target: tried.target === 'asker' ? asker : tried.target };
      }
      default:
        return tried;
    }
  }

  /** Who does it; undefined where there is nothing yet to do it to. */
  actorOf(act: Act): Login | undefined {
    switch (act.do) {
      case 'create':
      case 'block':
      case 'unblock':
        return act.actor;
      case 'wait':
      case 'sweep':
        return 'ann';
      case 'accept':
      case 'redeem':
      case 'preview':
      case 'decline':
      case 'revoke': {
        const found = this.invitation(act.invitation);
        if (act.actor === 'invitee') return found && (found.target ?? 'eve');
        return act.actor === 'inviter' ? found?.inviter : found && act.actor;
      }
      default: {
        const found = this.conversation(act.c);
        if (act.actor !== 'owner') return found && act.actor;
        return found && ([...found.members].find(([, role]) => role === 'owner')?.[0] ?? 'ann');
      }
    }
  }

  conversation(index: number): ModelConversation | undefined {
    return this.conversations[index % Math.max(1, this.conversations.length)];
  }

  invitation(index: number): ModelInvitation | undefined {
    return this.invitations[index % Math.max(1, this.invitations.length)];
  }

  /** Does an act and answers what the service must answer. */
  do(act: Act, actor: Login): string {
    switch (act.do) {
      case 'create':
        this.conversations.push(newConversation(actor));
        return '201';
      case 'wait':
        this.#now += act.hours;
        return 'done';
      case 'sweep':
        return this.#sweep();
      case 'block':
        if (act.target === actor) return '409 conflict';
        this.#blocks.add(`${actor} ${act.target}`);
        return '200';
      case 'unblock':
        this.#blocks.delete(`${actor} ${act.target}`);
        return '204';
      case 'accept':
      case 'redeem':
      case 'preview':
      case 'decline':
      case 'revoke': {
        const invitation = this.invitation(act.invitation);
        // One to a deleted conversation is not there.
        if (invitation === undefined || !isThere(invitation.conversation)) return '404 not-found';
        return this.#onInvitation(act, actor, invitation);
      }
      case 'ask':
      case 'withdraw': {
        const conversation = this.conversation(act.c);
        if (conversation === undefined || !isThere(conversation)) return '404 not-found';
        if (act.do === 'ask') return this.#ask(actor, conversation);
        return conversation.requests.end(actor) ? '204' : '404 not-found';
      }
      default: {
        const conversation = this.conversation(act.c);
        if (conversation === undefined) return '404 not-found';
        return this.#inConversation(act, actor, conversation);
      }
    }
  }

  #onInvitation(act: Extract<Act, { invitation: number }>, actor: Login, invitation: ModelInvitation): string {
    const { conversation, kind, target } = invitation;
    const isMember = conversation.members.has(actor);
    const isMine = target === actor;
    // What names a person has no token.
    if (kind === 'person' && (act.do === 'redeem' || act.do === 'preview')) return '404 not-found';
    switch (act.do) {
      case 'accept':
        return kind === 'person' && isMine ? this.#accept(invitation, actor) : '404 not-found';
      case 'preview':
        if (kind === 'email' && !isMine) return '403 invitation-not-for-you';
        if (!isMember && conversation.bans.has(actor)) return '403 banned';
        return (isMember ? undefined : this.#refusal(invitation)) ?? '200';
      case 'redeem':
        if (kind === 'email') return isMine ? this.#accept(invitation, actor) : '403 invitation-not-for-you';
        return this.#useLink(invitation, actor);
      case 'decline': {
        if (kind === 'link' || !isMine) return '404 not-found';
        const answer = this.#end(invitation, 'declined');
        if (answer === '204' && act.block) this.#blocks.add(`${actor} ${invitation.inviter}`);
        return answer;
      }
      case 'revoke': {
        const role = conversation.members.get(actor);
        if (role === undefined) return '404 not-found';
        if (invitation.inviter !== actor && !may(role, 'revoke-invitation')) return '403 forbidden';
        return this.#end(invitation, 'revoked');
      }
      default:
        return act satisfies never;
    }
  }

  #ask(actor: Login, { members, bans, requests, joinable, isArchived }: ModelConversation): string {
    if (members.has(actor)) return '409 conflict';
    if (!joinable) return '404 not-found';
    if (bans.has(actor)) return '403 banned';
    return isArchived ? '409 conflict' : requests.ask(actor, this.#now);
  }

  #inConversation(act: InConversation, actor: Login, conversation: ModelConversation): string {
    const { members, bans } = conversation;
    const role = conversation.isErased ? undefined : members.get(actor);
    const isDeleted = conversation.deletedAt !== undefined;
    // For everybody but its owner a deleted conversation does not exist, and the owner only brings it back.
    if (role === undefined || (isDeleted && (role !== 'owner' || act.do === 'leave'))) return '404 not-found';
    if (act.do === 'delete' || act.do === 'restore') {
      if (!may(role, 'delete-conversation')) return '403 forbidden';
      if (act.do === 'restore') conversation.deletedAt = undefined;
      else conversation.deletedAt ??= this.#now;
      return act.do === 'restore' ? '200' : '204';
    }
    if (isDeleted) return '409 conflict';
    const subject = 'target' in act ? members.get(act.target) : undefined;
    switch (act.do) {
      case 'invite':
        return this.#invite(act, actor, conversation, role);
      case 'leave':
        if (role === 'owner' && members.size > 1) return '409 last-owner';
        members.delete(actor);
        if (members.size === 0) {
          conversation.deletedAt = this.#now;
          this.#revoke(conversation, () => true);
        }
        return '204';
      case 'let-in':
      case 'turn-down':
        return this.#answerRequest(act, conversation, role);
      case 'remove':
        if (subject === undefined) return may(role, 'remove-member') ? '204' : '404 not-found';
        if (!may(role, 'remove-member') || !outranks(role, subject)) return '403 forbidden';
        members.delete(act.target);
        this.#revokeOf(conversation, act.target);
        return '204';
      case 'ban':
        if (!may(role, 'remove-member') || (subject && !outranks(role, subject))) return '403 forbidden';
        if (bans.has(act.target)) return '200';
        bans.add(act.target);
        members.delete(act.target);
        conversation.requests.end(act.target);
        this.#revokeOf(conversation, act.target);
        return '201';
      case 'unban':
        if (!may(role, 'remove-member')) return '403 forbidden';
        bans.delete(act.target);
        return '204';
      case 'role':
        if (subject === undefined) return '404 not-found';
        if (!may(role, 'change-role') || !outranks(role, subject) || outranks(act.role, role)) return '403 forbidden';
        if (conversation.isArchived) return '409 conflict';
        if (subject === act.role) return '200';
        members.set(act.target, act.role);
        this.#revoke(conversation, (one) => one.inviter === act.target && !maySend(act.role, conversation, one.role));
        return '200';
      case 'transfer':
        if (!may(role, 'transfer-ownership')) return '403 forbidden';
        if (conversation.isArchived) return '409 conflict';
        if (subject === undefined) return '422 invalid';
        members.set(actor, 'admin');
        members.set(act.target, 'owner');
        return '200';
      case 'archive':
        if (!may(role, 'archive-conversation')) return '403 forbidden';
        conversation.isArchived = act.on;
        return '200';
      case 'members-may-invite':
        if (!may(role, 'update-conversation')) return '403 forbidden';
        if (conversation.isArchived) return '409 conflict';
        conversation.membersMayInvite = act.on;
        return '200';
      case 'joinable':
        if (!may(role, 'update-conversation')) return '403 forbidden';
        if (conversation.isArchived) return '409 conflict';
        conversation.joinable = act.on;
        return '200';
      default:
        return act satisfies never;
    }
  }

  #answerRequest(act: AnswerRequest, conversation: ModelConversation, role: Role): string {
    const { requests } = conversation;
    if (!may(role, 'accept-join-request')) return '403 forbidden';
    if (!requests.has(act.target)) return '404 not-found';
    if (act.do === 'let-in') return this.#admit({ conversation, role: 'member' }, act.target);
    requests.decline(act.target, this.#now);
    return '204';
  }

  #invite(act: Extract<Act, { do: 'invite' }>, actor: Login, conversation: ModelConversation, role: Role): string {
    if (!maySend(role, conversation, act.role)) return '403 forbidden';
    if (conversation.isArchived) return '409 conflict';
    const target = act.whom === 'link' ? undefined : act.target;
    if (target && (conversation.members.has(target) || conversation.bans.has(target))) return '409 conflict';
    const same = this.invitations.filter((one) => one.conversation === conversation && target && one.target === target);
    const pending = same.find(({ kind, state }) => kind === act.whom && state === 'pending');
    if (pending && pending.endsAt > this.#now) return '200';
    const declines = same.filter(({ state, inviter }) => state === 'declined' && inviter === actor);
    const isCoolingDown = declines.some(({ declinedAt }) => this.#now - declinedAt < coolDown);
    if (target && (this.#blocks.has(`${target} ${actor}`) || isCoolingDown)) return '429 cool-down';
    if (pending) pending.state = 'expired';
    this.invitations.push({
      conversation,
      kind: act.whom,
      role: act.role,
      inviter: actor,
      target,
      endsAt: act.days === null ? Number.POSITIVE_INFINITY : this.#now + act.days * day,
      usesMax: (act.whom === 'link' ? act.usesMax : null) ?? Number.POSITIVE_INFINITY,
      state: 'pending',
      uses: 0,
      declinedAt: 0,
      redeemed: new Set(),
      id: '',
      token: '',
    });
    return '201';
  }

  #accept(invitation: ModelInvitation, actor: Login): string {
    if (invitation.conversation.members.has(actor)) return '200';
    return this.#refusal(invitation) ?? this.#admit(invitation, actor);
  }

  #useLink(link: ModelInvitation, actor: Login): string {
    if (link.conversation.members.has(actor)) return '200';
    const answer = this.#refusal(link) ?? this.#admit(link, actor);
    if (answer === '200' && !link.redeemed.has(actor)) {
      link.uses++;
      if (link.uses >= link.usesMax) link.state = 'used-up';
      link.redeemed.add(actor);
    }
    return answer;
  }

  #admit({ conversation, role }: Pick<ModelInvitation, 'conversation' | 'role'>, login: Login): string {
    if (conversation.bans.has(login)) return '403 banned';
    if (conversation.isArchived) return '409 conflict';
    conversation.members.set(login, role);
    conversation.requests.end(login);
    this.#revoke(conversation, (one) => one.inviter === login && outranks(one.role, role));
    for (const one of this.invitations) {
      if (one.conversation !== conversation || one.target !== login || this.#stateOf(one) !== 'pending') continue;
      one.state = 'accepted';
      one.uses++;
    }
    return '200';
  }

  #stateOf({ state, endsAt }: ModelInvitation): Invitation['state'] {
    return state === 'pending' && endsAt <= this.#now ? 'expired' : state;
  }

  #refusal(invitation: ModelInvitation): string | undefined {
    const state = this.#stateOf(invitation);
    return state === 'pending' ? undefined : refusals[state];
  }

  #end(invitation: ModelInvitation, wanted: 'declined' | 'revoked'): string {
    const state = this.#stateOf(invitation);
    if (state === 'accepted') return '409 conflict';
    if (state !== 'pending' && state !== wanted) return refusals[state];
    if (state === 'pending') invitation.declinedAt = this.#now;
    invitation.state = wanted;
    return '204';
  }

  #revoke(conversation: ModelConversation, which: (invitation: ModelInvitation) => boolean): void {
    for (const one of this.invitations) {
      if (one.conversation === conversation && one.state === 'pending' && which(one)) one.state = 'revoked';
    }
  }

  #revokeOf(conversation: ModelConversation, login: Login): void {
    this.#revoke(conversation, ({ inviter, target }) => inviter === login || target === login);
  }

  #sweep(): string {
    for (const one of this.invitations) one.state = this.#stateOf(one);
    for (const one of this.conversations) {
      if (one.deletedAt !== undefined && this.#now - one.deletedAt >= grace) one.isErased = true;
    }
    return 'done';
  }
}

const isThere = ({ deletedAt, isErased }: ModelConversation): boolean => deletedAt === undefined && !isErased;

const maySend = (role: Role, conversation: ModelConversation, invited: Invited): boolean =>
  may(role, 'invite', conversation) && !outranks(invited, role);

const newConversation = (owner: Login): ModelConversation => ({
  id: '',
  members: new Map([[owner, 'owner']]),
  bans: new Set(),
  deletedAt: undefined,
  isErased: false,
  isArchived: false,
  membersMayInvite: false,
  joinable: false,
  requests: new JoinRequestModel(coolDown),
});
