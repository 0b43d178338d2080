import { describe, expect, it } from 'bun:test';
import type { Access } from '@chatapp/contract/http-conversations';
import type { Role } from '@chatapp/contract/roles';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { createAccess } from '../access/access.ts';
import { Connection, type SocketData } from '../connection/connection.ts';
import { Person } from '../connection/people.ts';
import { Session } from '../sessions/sessions.ts';
import { Served } from '../subscriptions/served.ts';
import { createTyping } from './typing.ts';
import type { TypingNote } from './typing-store.ts';

const setUp = (role: Role | null = 'member') => {
  const clock = fakeClock(1000);
  const served = new Served();
  const told: TypingNote[] = [];
  const shown: string[][] = [];
  const answered: string[] = [];
  const access = createAccess({
    ask: async (): Promise<Access | null> => (role === null ? null : { role, version: 1 }),
    ...{ isReading: () => true, clock, cacheMs: 60_000 },
  });
  const typing = createTyping({
    ...{ served, access, clock },
    // What one node tells all nodes hear, this one too.
    tell: async (note) => {
      told.push(note);
      typing.hear(note);
    },
    publish: (_, frame) => shown.push(JSON.parse(frame).userIds),
  });
  const connect = (name: string) => {
    const person = new Person(name);
    served.join('c', person);
    const connection = new Connection(name, person, new Session(null, name, 0), 0);
    connection.socket = {
      send: (text: string) => answered.push(text),
    } as unknown as Bun.ServerWebSocket<SocketData>;
    return (on: boolean) => typing.set(connection, { op: 'typing', id: 1, conversationId: 'c', on });
  };
  return { clock, typing, access, told, shown, answered, connect };
};

describe('createTyping', () => {
  it('tells who types twice at most, however often they say so in a second', async () => {
    const { clock, told, shown, connect } = setUp();
    const ann = connect('ann');
    for (let count = 0; count < 100; count++) {
      await ann(true);
      await clock.advance(10);
    }
    expect(told.length).toBeLessThanOrEqual(2);
    expect(shown.length).toBeLessThanOrEqual(2);
  });

  it('ends with what was said last, however often it changes', async () => {
    const { clock, told, shown, connect } = setUp();
    const ann = connect('ann');
    for (const last of [true, false]) {
      for (let count = 0; count < 100; count++) await ann(count % 2 === 0 ? !last : last);
      await clock.advance(1000);
      expect(shown.at(-1)).toEqual(last ? ['ann'] : []);
      await clock.advance(1000);
    }
    expect(told.length).toBeLessThanOrEqual(4);
  });

  it('shows who goes on typing at every renewal, until six seconds after the last one', async () => {
    const { clock, typing, shown, connect } = setUp();
    const ann = connect('ann');
    for (let count = 0; count < 3; count++) {
      await ann(true);
      await clock.advance(3000);
      typing.expire();
    }
    expect(shown).toEqual([['ann'], ['ann'], ['ann']]);
    await clock.advance(3000);
    typing.expire();
    expect(shown.at(-1)).toEqual([]);
  });

  it('shows a renewal from another node no sooner than after a second, and somebody else at once', async () => {
    const { clock, typing, shown, connect } = setUp();
    connect('ann');
    const hear = (userId: string) => typing.hear({ conversationId: 'c', userId, on: true });
    hear('ann');
    await clock.advance(999);
    hear('ann');
    expect(shown).toEqual([['ann']]);
    hear('bob');
    await clock.advance(1);
    hear('ann');
    expect(shown).toEqual([['ann'], ['ann', 'bob'], ['ann', 'bob']]);
  });

  it('keeps to itself what waited while the person was removed', async () => {
    const { clock, access, told, connect } = setUp();
    const bob = connect('bob');
    await bob(false);
    await bob(true);
    access.learn('c', 'bob', null);
    await clock.advance(1000);
    expect(told.map(({ on }) => on)).toEqual([false]);
  });

  it('tells a stranger each time that there is nothing', async () => {
    const { told, answered, connect } = setUp(null);
    const eve = connect('eve');
    for (const on of [true, true]) await eve(on);
    expect(answered).toEqual(Array(2).fill('{"re":1,"error":{"code":"not-found","temporary":false}}'));
    expect(told).toEqual([]);
  });
});
