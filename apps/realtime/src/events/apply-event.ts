import type { BusEvent, BusEventOf } from '@chatapp/contract/events';
import { closeCodes } from '@chatapp/contract/frames';
import { may } from '@chatapp/contract/roles';
import type { AccessCheck } from '../access/access.ts';
import { topicOf, userTopic } from '../connection/connection.ts';
import type { People, Person } from '../connection/people.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Heads } from '../subscriptions/heads.ts';
import type { PersonConversations } from '../subscriptions/memberships.ts';
import type { Served } from '../subscriptions/served.ts';
import {
  conversationPush,
  gonePush,
  invitationPush,
  isMembershipEvent,
  joinRequestPush,
  listsPush,
  type MembershipEvent,
  membersPushes,
  setPush,
} from './pushes.ts';

export interface ApplyEventOptions {
  readonly people: People;
  readonly served: Served;
  readonly conversations: PersonConversations;
  readonly access: AccessCheck;
  readonly sessions: Sessions;
  readonly heads: Heads;
  readonly publish: (topic: string, frame: string) => void;
  /** Reads a person's memberships again, soon. */
  readonly refresh: (person: Person) => void;
  /** The same at once. */
  readonly readNow: (people: readonly Person[]) => void;
  /** The person was shown a conversation that is new to them. */
  readonly onJoined: (person: Person, conversationId: string) => void;
  /** Looks a session up at the BFF, soon. */
  readonly checkSession: (sid: string) => void;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** An event older than this may have been overtaken: then what is true is asked for. */
const oldMs = 60_000;

/** Does what a bus event asks of this node: access, subscriptions, pushes, ends of sessions. Never waits: what has to, goes on by itself. */
export const createApplyEvent = (options: ApplyEventOptions) => {
  const { people, served, conversations, access, sessions, publish, now } = options;

  const peopleIn = (c: string): Person[] => [...(served.get(c)?.people ?? [])];

  /** Subscribes the person's sockets first, then reads the position, then shows the conversation. */
  const welcome = async (conversation: BusEventOf<'member.added'>['data']['conversation'], userId: string) => {
    const person = people.person(userId);
    if (person === undefined) return;
    const { id, myRole: role, version, memberCount } = conversation;
    const joined = conversations.add(person, id, { role, version, memberCount });
    await options.heads.begin(joined);
    // Unless it ended again meanwhile.
    if (!person.memberships.has(id)) return;
    person.send(conversationPush(conversation));
    options.onJoined(person, id);
  };

  const farewell = (conversationId: string, userId: string, version: number) => {
    access.learn(conversationId, userId, null);
    const person = people.person(userId);
    if (person === undefined) return;
    conversations.remove(person, conversationId, version);
    person.send(gonePush(conversationId));
  };

  const changeMember = (event: MembershipEvent, c: string, version: number) => {
    const { userId, role, memberCount } = event.data;
    const known = access.cached(c, userId);
    access.forget(c, userId);
    served.get(c)?.noteMemberCount(memberCount);
    switch (event.type) {
      case 'member.added':
        access.learn(c, userId, { role, version, memberCount, receipts: event.data.conversation.receipts });
        welcome(event.data.conversation, userId);
        break;
      case 'member.role-changed': {
        if (known) access.learn(c, userId, { ...known, role, version, memberCount });
        const person = people.person(userId);
        if (person?.memberships.has(c)) conversations.add(person, c, { role, version });
        person?.send(setPush(c, version, { myRole: role }));
        break;
      }
      case 'member.removed':
      case 'member.left':
      case 'member.banned':
        farewell(c, userId, version);
        break;
      default:
        event satisfies never;
    }
    for (const frame of membersPushes(c, version, event)) publish(topicOf(c), frame);
  };

  /** A deleted conversation stays with its owners through the grace period, and an erased one with nobody. */
  const dismiss = (c: string, version: number, keeps: (person: Person) => boolean) => {
    for (const person of peopleIn(c)) {
      if (keeps(person)) continue;
      conversations.remove(person, c, version);
      person.send(gonePush(c));
    }
  };

  /** In force everybody is a viewer of what is archived or deleted, its owners too: only a reading tells who keeps it. */
  const deleted = (c: string, version: number) => {
    const roleOf = (person: Person) => person.memberships.get(c)?.role;
    dismiss(c, version, (person) => roleOf(person) === 'owner' || roleOf(person) === 'viewer');
    options.readNow(peopleIn(c).filter((person) => roleOf(person) === 'viewer'));
  };

  const endSessions = ({ data: { sid, userId } }: BusEventOf<'session.ended'>) => {
    if (sid !== null) {
      sessions.noteEnded(sid, now());
      sessions.bySid(sid)?.close(closeCodes.signedOut, 'signed out');
      return;
    }
    for (const connection of [...(people.person(userId)?.connections ?? [])]) {
      if (connection.session.sid !== null) connection.close(closeCodes.signedOut, 'signed out');
    }
  };

  const tellInvitation = ({ data: invitation }: BusEventOf<'invitation.created'>) => {
    publish(userTopic(invitation.inviter.id), invitationPush(invitation, 'inviter'));
    if (invitation.invitee === null || invitation.invitee.id === invitation.inviter.id) return;
    publish(userTopic(invitation.invitee.id), invitationPush(invitation, 'invitee'));
  };

  const tellRequest = (event: BusEventOf<'member.requested'>, c: string) => {
    for (const person of peopleIn(c)) {
      const role = person.memberships.get(c)?.role;
      if (role !== undefined && may(role, 'accept-join-request')) person.send(joinRequestPush(event, c));
    }
  };

  const apply = (event: BusEvent, c: string, version: number) => {
    if (isMembershipEvent(event)) return changeMember(event, c, version);
    switch (event.type) {
      case 'conversation.created':
        access.learn(c, event.data.member.user.id, {
          ...{ role: event.data.member.role, version },
          ...{ memberCount: event.data.conversation.memberCount, receipts: event.data.conversation.receipts },
        });
        welcome(event.data.conversation, event.data.member.user.id);
        return;
      case 'conversation.deleted':
        access.forgetAll(c);
        deleted(c, version);
        publish(topicOf(c), setPush(c, version, event.data));
        return;
      case 'conversation.updated':
        // Archived: all of them may read only, and the other way round.
        access.forgetAll(c);
        if (event.data.archivedAt !== undefined) for (const person of peopleIn(c)) options.refresh(person);
        publish(topicOf(c), setPush(c, version, event.data));
        return;
      case 'conversation.restored': {
        const { memberIds = [], ...set } = event.data;
        access.forgetAll(c);
        publish(topicOf(c), setPush(c, version, set));
        options.readNow(memberIds.flatMap((userId) => people.person(userId) ?? []));
        return;
      }
      case 'conversation.erased':
        access.forgetAll(c);
        dismiss(c, version, () => false);
        return;
      case 'member.settings':
        publish(userTopic(event.data.userId), setPush(c, version, event.data.set));
        return;
      case 'member.requested':
        tellRequest(event, c);
        return;
      case 'invitation.created':
      case 'invitation.accepted':
      case 'invitation.declined':
      case 'invitation.revoked':
      case 'invitation.expired':
        tellInvitation({ ...event, type: 'invitation.created' });
        return;
      case 'session.ended':
        endSessions(event);
        return;
      case 'user.deleted':
        for (const connection of [...(people.person(event.data.userId)?.connections ?? [])]) {
          connection.close(closeCodes.signedOut, 'the account was deleted');
        }
        return;
      // A ban that ends gives nothing back; a new name is fetched with the lists; activity shows in the messages themselves.
      case 'member.unbanned':
      case 'user.updated':
      case 'conversation.active':
        return;
      default:
        event satisfies never;
    }
  };

  /** What such an event said may be true no more: access is forgotten, and what its people have here is read again. */
  const ask = (event: BusEvent, c: string) => {
    const userIds = peopleOf(event);
    for (const userId of userIds) {
      access.forget(c, userId);
      const person = people.person(userId);
      if (person === undefined) continue;
      options.refresh(person);
      person.send(listsPush);
    }
    if (event.type === 'session.ended' && event.data.sid !== null) options.checkSession(event.data.sid);
    if (event.type.startsWith('conversation.') && event.type !== 'conversation.active') {
      access.forgetAll(c);
      for (const person of peopleIn(c)) options.refresh(person);
    }
  };

  return (event: BusEvent): void => {
    const c = event.conversationId ?? '';
    const version = event.version ?? 1;
    if (event.version !== null && /^(member|conversation)\./.test(event.type)) access.floor(c, event.version);
    if (now() - Date.parse(event.at) > oldMs) ask(event, c);
    else apply(event, c, version);
  };
};

const peopleOf = (event: BusEvent): string[] => {
  if (isMembershipEvent(event)) return [event.data.userId];
  switch (event.type) {
    case 'conversation.created':
      return [event.data.member.user.id];
    case 'invitation.created':
    case 'invitation.accepted':
    case 'invitation.declined':
    case 'invitation.revoked':
    case 'invitation.expired':
      return [event.data.inviter.id, ...(event.data.invitee ? [event.data.invitee.id] : [])];
    default:
      return [];
  }
};
