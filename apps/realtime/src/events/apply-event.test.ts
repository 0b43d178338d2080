import { describe, expect, it } from 'bun:test';
import type { BusEvent, BusEventOf } from '@chatapp/contract/events';
import type { Conversation, Invitation, Member } from '@chatapp/contract/shapes';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { createAccess } from '../access/access.ts';
import { Connection, type SocketData } from '../connection/connection.ts';
import { People, type Person } from '../connection/people.ts';
import { Sessions } from '../sessions/sessions.ts';
import { createHeads } from '../subscriptions/heads.ts';
import { createPersonConversations } from '../subscriptions/memberships.ts';
import { Served } from '../subscriptions/served.ts';
import { createApplyEvent } from './apply-event.ts';

const c = '018f3c5e-0000-7000-8000-00000000000c';
const at = '2026-11-22T10:00:00.000Z';

const setUp = () => {
  const clock = fakeClock(1);
  const people = new People();
  const served = new Served();
  const sessions = new Sessions();
  const access = createAccess({ ask: async () => null, isReading: () => true, clock, cacheMs: 60_000 });
  const conversations = createPersonConversations({
    served,
    access,
    readMemberships: async (userIds) => new Map(userIds.map((userId) => [userId, []])),
    isReading: () => true,
    believedMs: 60_000,
    clock,
  });
  const published: [topic: string, push: unknown][] = [];
  const asked: { refreshed: Person[]; readNow: Person[]; joined: [Person, string][]; checked: string[] } = {
    refreshed: [],
    readNow: [],
    joined: [],
    checked: [],
  };
  const heads = createHeads({
    served,
    messages: { heads: async () => [], changes: async () => [] },
    holes: { note: () => undefined },
    passOn: () => undefined,
    clock,
    random: Math.random,
    log: silentLog(),
  });
  const time = { now: Date.parse(at) };
  const apply = createApplyEvent({
    people,
    served,
    conversations,
    access,
    sessions,
    heads,
    publish: (topic, frame) => published.push([topic, JSON.parse(frame)]),
    refresh: (person) => asked.refreshed.push(person),
    readNow: (some) => asked.readNow.push(...some),
    onJoined: (person, id) => asked.joined.push([person, id]),
    checkSession: (sid) => asked.checked.push(sid),
    now: () => time.now,
  });
  const connect = (userId: string, sid: string) => {
    const sent: unknown[] = [];
    const closed: number[] = [];
    const connection = new Connection(`${userId} ${sid}`, people.personOf(userId), sessions.of(sid, userId, 9e15), 0);
    connection.socket = {
      subscribe: () => true,
      unsubscribe: () => true,
      send: (text: string) => sent.push(JSON.parse(text)),
      close: (code: number) => closed.push(code),
    } as unknown as Bun.ServerWebSocket<SocketData>;
    people.add(connection);
    sessions.add(connection);
    conversations.subscribe(connection);
    return { person: connection.person, sent, closed };
  };
  return { apply, access, conversations, served, published, asked, connect, time, clock, sessions };
};

const event = <Type extends BusEvent['type']>(type: Type, data: BusEventOf<Type>['data'], version: number | null = 7) =>
  ({
    id: crypto.randomUUID(),
    type,
    v: 1,
    at,
    actor: null,
    conversationId: c,
    version,
    data,
    traceparent: null,
  }) as unknown as BusEventOf<Type>;

const memberData = (userId: string, role: Member['role'] = 'member') => ({
  userId,
  role,
  previousRole: null,
  member: { user: { id: userId, name: userId, avatarUrl: null }, role, joinedAt: at },
  memberCount: 2,
});

describe('createApplyEvent', () => {
  it('subscribes a new member before the conversation is shown, and tells the others', async () => {
    const { apply, connect, published, access, served, clock, asked } = setUp();
    const bob = connect('bob', 's');
    const conversation = { id: c, myRole: 'member', version: 7, memberCount: 2 } as Conversation;
    apply(event('member.added', { ...memberData('bob'), conversation }));
    expect(served.get(c)?.people.has(bob.person)).toBe(true);
    expect(bob.sent).toEqual([]);
    await clock.advance(10);
    expect(bob.sent).toEqual([{ e: 'conversation', conversation }]);
    expect(asked.joined).toEqual([[bob.person, c]]);
    expect(published.map(([topic]) => topic)).toEqual([`c:${c}`, `c:${c}`]);
    expect(access.cached(c, 'bob')).toMatchObject({ role: 'member', version: 7 });
  });

  it('does not show a conversation from which the person was removed meanwhile', async () => {
    const { apply, connect, clock } = setUp();
    const bob = connect('bob', 's');
    const conversation = { id: c, myRole: 'member', version: 7, memberCount: 2 } as Conversation;
    apply(event('member.added', { ...memberData('bob'), conversation }));
    apply(event('member.removed', memberData('bob'), 8));
    await clock.advance(10);
    expect(bob.sent).toEqual([{ e: 'conversation', c, gone: true }]);
  });

  it('asks for what is true instead of obeying an event of more than a minute ago', () => {
    const { apply, connect, conversations, access, asked, time, published } = setUp();
    const bob = connect('bob', 's');
    conversations.add(bob.person, c, { role: 'member', version: 9 });
    access.learn(c, 'bob', { role: 'member', version: 9 });
    time.now += 60_001;
    apply(event('member.removed', memberData('bob'), 8));
    expect(bob.person.memberships.has(c)).toBe(true);
    expect(access.cached(c, 'bob')).toBeUndefined();
    expect(asked.refreshed).toEqual([bob.person]);
    expect(published).toEqual([]);
    apply(event('session.ended', { sid: 's', userId: 'bob', reason: 'logout' }, null));
    expect(bob.closed).toEqual([]);
    expect(asked.checked).toEqual(['s']);
  });

  it('ends the sockets of one session, or of all of a person', () => {
    const { apply, connect, sessions } = setUp();
    const [phone, laptop, other] = [connect('bob', 'one'), connect('bob', 'two'), connect('ann', 'three')];
    apply(event('session.ended', { sid: 'one', userId: 'bob', reason: 'logout' }, null));
    expect([phone.closed, laptop.closed]).toEqual([[4501], []]);
    expect(sessions.hasEnded('one', Date.parse(at))).toBe(true);
    apply(event('session.ended', { sid: null, userId: 'bob', reason: 'others' }, null));
    expect([laptop.closed, other.closed]).toEqual([[4501], []]);
  });

  it('shows an e-mail address of an invitation to its inviter only', () => {
    const { apply, published } = setUp();
    const person = (id: string) => ({ id, name: id, avatarUrl: null });
    const invitation = { id: 'i', inviter: person('ann'), invitee: person('bob'), email: 'bob@x' } as Invitation;
    apply(event('invitation.created', invitation));
    expect(published).toEqual([
      ['u:ann', { e: 'invitation', invitation }],
      ['u:bob', { e: 'invitation', invitation: { ...invitation, email: null } }],
    ]);
  });

  it('leaves a deleted conversation with its owner alone', () => {
    const { apply, connect, conversations, published } = setUp();
    const [ann, bob] = [connect('ann', 's'), connect('bob', 't')];
    conversations.add(ann.person, c, { role: 'owner', version: 1 });
    conversations.add(bob.person, c, { role: 'member', version: 1 });
    apply(event('conversation.deleted', { deletedAt: at }));
    expect(bob.sent).toEqual([{ e: 'conversation', c, gone: true }]);
    expect(ann.sent).toEqual([]);
    expect(published).toEqual([[`c:${c}`, { e: 'conversation', c, version: 7, set: { deletedAt: at } }]]);
  });

  it('lets a reading tell who keeps a deleted conversation, where everybody was a viewer by then', () => {
    const { apply, connect, conversations, asked } = setUp();
    const [ann, bob] = [connect('ann', 's'), connect('bob', 't')];
    // Ann's is of an archived one, or was read after it was deleted.
    conversations.add(ann.person, c, { role: 'viewer', version: 1 });
    conversations.add(bob.person, c, { role: 'admin', version: 1 });
    apply(event('conversation.deleted', { deletedAt: at }));
    expect(ann.sent).toEqual([]);
    expect(asked.readNow).toEqual([ann.person]);
    expect(bob.sent).toEqual([{ e: 'conversation', c, gone: true }]);
  });

  it('gives a restored conversation back to its members, without telling who they are', () => {
    const { apply, connect, conversations, published, asked } = setUp();
    const [ann, bob] = [connect('ann', 's'), connect('bob', 't')];
    conversations.add(ann.person, c, { role: 'owner', version: 1 });
    apply(event('conversation.restored', { deletedAt: null, memberIds: ['ann', 'bob', 'eve'] }));
    expect(asked.readNow).toEqual([ann.person, bob.person]);
    expect(published).toEqual([[`c:${c}`, { e: 'conversation', c, version: 7, set: { deletedAt: null } }]]);
  });

  it('reads the roles again of those in a conversation that is archived or no longer', () => {
    const { apply, connect, conversations, asked } = setUp();
    const bob = connect('bob', 't');
    conversations.add(bob.person, c, { role: 'member', version: 1 });
    apply(event('conversation.updated', { name: 'other' }));
    expect(asked.refreshed).toEqual([]);
    apply(event('conversation.updated', { archivedAt: at }));
    expect(asked.refreshed).toEqual([bob.person]);
  });

  it('tells a request to join only to those who may accept it', () => {
    const { apply, connect, conversations } = setUp();
    const [ann, bob] = [connect('ann', 's'), connect('bob', 't')];
    conversations.add(ann.person, c, { role: 'admin', version: 1 });
    conversations.add(bob.person, c, { role: 'member', version: 1 });
    const request = { user: { id: 'eve', name: 'eve', avatarUrl: null }, createdAt: at };
    apply(event('member.requested', { request }));
    expect(ann.sent).toEqual([{ e: 'join-request', c, request }]);
    expect(bob.sent).toEqual([]);
  });
});
