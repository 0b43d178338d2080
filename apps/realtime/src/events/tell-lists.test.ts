import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { Connection, type SocketData } from '../connection/connection.ts';
import { People } from '../connection/people.ts';
import { Session } from '../sessions/sessions.ts';
import { createTellLists } from './tell-lists.ts';

const setUp = () => {
  const clock = fakeClock(1000);
  const people = new People();
  /** When each was told. */
  const told = new Map<string, number[]>();
  const connect = (id: string, isSubscribed = true) => {
    const socket = {
      readyState: WebSocket.OPEN as number,
      send: () => told.set(id, [...(told.get(id) ?? []), clock.now() - 1000]),
    };
    const connection = new Connection(id, people.personOf(id), new Session(null, id, 0), 0);
    connection.isSubscribed = isSubscribed;
    connection.socket = socket as unknown as Bun.ServerWebSocket<SocketData>;
    people.add(connection);
    return { close: () => Object.assign(socket, { readyState: WebSocket.CLOSED }) };
  };
  return { clock, told, connect, tellLists: createTellLists(people, clock) };
};

describe('createTellLists', () => {
  it('tells one socket after another, and none that has not resumed', async () => {
    const { clock, told, connect, tellLists } = setUp();
    for (const id of ['a', 'b', 'c']) connect(id);
    connect('new', false);
    tellLists();
    await clock.advance(10);
    expect([...told]).toEqual([
      ['a', [0]],
      ['b', [1]],
      ['c', [2]],
    ]);
  });

  it('has told twenty thousand within ten seconds, evenly', async () => {
    const { clock, told, connect, tellLists } = setUp();
    for (let id = 0; id < 20_000; id++) connect(String(id));
    tellLists();
    await clock.advance(5000);
    expect(told.size).toBeWithin(9990, 10_011);
    await clock.advance(5000);
    expect(told.size).toBe(20_000);
  });

  it('passes over who has closed meanwhile', async () => {
    const { clock, told, connect, tellLists } = setUp();
    connect('a');
    const { close } = connect('b');
    connect('c');
    tellLists();
    close();
    await clock.advance(10);
    expect([...told.keys()]).toEqual(['a', 'c']);
  });

  it('tells everybody once more where it is asked again: who was told before then twice, who still waits once', async () => {
    const { clock, told, connect, tellLists } = setUp();
    for (const id of ['a', 'b', 'c']) connect(id);
    tellLists();
    await clock.advance(0);
    tellLists();
    connect('d');
    tellLists();
    await clock.advance(10);
    expect([...told].map(([id, times]) => [id, times.length])).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 1],
      ['d', 1],
    ]);
    tellLists();
    await clock.advance(10);
    expect(told.get('d')).toHaveLength(2);
  });
});
