import { describe, expect, it } from 'bun:test';
import type { Memberships } from '@chatapp/contract/http-conversations';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { createAccess } from '../access/access.ts';
import { Connection, type SocketData } from '../connection/connection.ts';
import { People } from '../connection/people.ts';
import { Session } from '../sessions/sessions.ts';
import { createPersonConversations } from './memberships.ts';
import { Served } from './served.ts';

const setUp = () => {
  const clock = fakeClock(1);
  const people = new People();
  const served = new Served();
  const state = { isReading: true };
  const readings: PromiseWithResolvers<Memberships['items']>[] = [];
  const access = createAccess({ ask: async () => null, isReading: () => true, clock, cacheMs: 60_000 });
  const conversations = createPersonConversations({
    served,
    access,
    readMemberships: async (userIds) => {
      const reading = Promise.withResolvers<Memberships['items']>();
      readings.push(reading);
      const items = await reading.promise;
      return new Map(userIds.map((userId) => [userId, items]));
    },
    isReading: () => state.isReading,
    believedMs: 60_000,
    clock,
  });
  /** Answers the reading at a place, which may just have been asked for. */
  const answer = async (place: number, items: Memberships['items']) => {
    await clock.advance(0);
    readings[place]?.resolve(items);
  };
  const connect = (id: string) => {
    const topics = new Set<string>();
    const connection = new Connection(id, people.personOf('ann'), new Session(null, 'ann', 0), 0);
    connection.socket = {
      subscribe: (topic: string) => topics.add(topic),
      unsubscribe: (topic: string) => topics.delete(topic),
    } as unknown as Bun.ServerWebSocket<SocketData>;
    people.add(connection);
    return { connection, topics, person: connection.person };
  };
  return { conversations, served, access, readings, answer, connect, people, clock, state };
};

const member = (id: string, version = 1): Memberships['items'][number] => ({ id, role: 'member', version });

describe('createPersonConversations', () => {
  it('subscribes a socket to all conversations, and all sockets to one that comes later', async () => {
    const { conversations, answer, connect } = setUp();
    const [phone, laptop] = [connect('1'), connect('2')];
    const read = conversations.read(phone.person);
    await answer(0, [member('c'), member('d')]);
    await read;
    expect(phone.topics.size).toBe(0);
    for (const { connection } of [phone, laptop]) conversations.subscribe(connection);
    conversations.add(phone.person, 'e', { role: 'member', version: 1 });
    for (const { topics } of [phone, laptop]) expect([...topics].sort()).toEqual(['c:c', 'c:d', 'c:e']);
  });

  it('reads once for two sockets that resume at the same moment, and remembers the access', async () => {
    const { conversations, answer, readings, connect, access } = setUp();
    const { person } = connect('1');
    const reads = Promise.all([conversations.read(person), conversations.read(person)]);
    await answer(0, [member('c')]);
    await reads;
    expect(readings).toHaveLength(1);
    expect(access.cached('c', 'ann')).toMatchObject({ role: 'member', version: 1 });
  });

  it('does not give back by an older answer what an event took while it was read', async () => {
    const { conversations, answer, connect, served } = setUp();
    const { connection, topics, person } = connect('1');
    conversations.subscribe(connection);
    conversations.add(person, 'c', { role: 'member', version: 3 });
    const read = conversations.read(person);
    conversations.remove(person, 'c', 4);
    conversations.add(person, 'd', { role: 'member', version: 2 });
    await answer(0, [member('c', 3)]);
    await read;
    expect([...topics]).toEqual(['c:d']);
    expect(served.get('c')).toBeUndefined();
  });

  it('believes an answer that is younger than the event', async () => {
    const { conversations, answer, connect } = setUp();
    const { connection, topics, person } = connect('1');
    conversations.subscribe(connection);
    const read = conversations.read(person);
    conversations.remove(person, 'c', 4);
    await answer(0, [member('c', 5)]);
    expect(await read).toEqual({ added: ['c'], removed: [] });
    expect([...topics]).toEqual(['c:c']);
  });

  it('takes away what a reading no longer has', async () => {
    const { conversations, answer, connect } = setUp();
    const { connection, topics, person } = connect('1');
    conversations.subscribe(connection);
    conversations.add(person, 'c', { role: 'member', version: 1 });
    const read = conversations.read(person);
    await answer(0, []);
    expect(await read).toEqual({ added: [], removed: ['c'] });
    expect(topics.size).toBe(0);
  });

  it('serves nothing for somebody who left while it was read', async () => {
    const { conversations, answer, connect, served, people } = setUp();
    const { connection, person } = connect('1');
    const read = conversations.read(person);
    people.remove(connection);
    await answer(0, [member('c')]);
    await read;
    expect(served.size).toBe(0);
  });

  it('believes for a while what events keep up: a second device asks nobody', async () => {
    const { conversations, answer, readings, connect, clock } = setUp();
    const { person } = connect('1');
    const first = conversations.ensure(person);
    await answer(0, [member('c')]);
    expect(await first).toEqual({ added: ['c'], removed: [] });
    await clock.advance(59_999);
    expect(await conversations.ensure(person)).toEqual({ added: [], removed: [] });
    expect(readings).toHaveLength(1);
    await clock.advance(1);
    conversations.ensure(person);
    await clock.advance(0);
    expect(readings).toHaveLength(2);
  });

  it('reads again what may not be believed: events are not read, or something spoke against it', async () => {
    const { conversations, answer, readings, connect, clock, state } = setUp();
    const { person } = connect('1');
    const first = conversations.ensure(person);
    await answer(0, [member('c')]);
    await first;
    await clock.advance(10);
    state.isReading = false;
    const second = conversations.ensure(person);
    await answer(1, []);
    expect(await second).toEqual({ added: [], removed: ['c'] });
    state.isReading = true;
    await clock.advance(10);
    const third = conversations.read(person);
    await clock.advance(0);
    // While it is read: the answer may be older than that.
    person.doubtedAt = clock.now();
    await answer(2, [member('c')]);
    await third;
    conversations.ensure(person);
    await clock.advance(10);
    expect(readings).toHaveLength(4);
  });
});
