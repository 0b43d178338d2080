import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { Connection } from '../connection/connection.ts';
import { People } from '../connection/people.ts';
import { Sessions } from '../sessions/sessions.ts';
import { createSweep } from './sweep.ts';

const setUp = (count: number) => {
  const clock = fakeClock();
  const people = new People();
  const sessions = new Sessions();
  for (let place = 0; place < count; place++) {
    const person = people.personOf(`person ${place}`);
    person.membershipsReadAt = 1;
    people.add(new Connection(`${place}`, person, sessions.of(null, person.id, 900_000), 0));
  }
  const read: string[] = [];
  const told: string[][] = [];
  const state = { isAway: false };
  const sweep = createSweep({
    people,
    conversations: {
      read: async (person) => {
        read.push(person.id);
        if (state.isAway) throw new Error('conversations is away');
        person.membershipsReadAt = clock.now();
        return { added: [], removed: ['c'] };
      },
    },
    tell: (_person, { removed }) => told.push([...removed]),
    clock,
    log: silentLog(),
  });
  const tickAfter = async (ms: number) => {
    await clock.advance(ms);
    await sweep.tick();
  };
  return { read, told, state, sweep, tickAfter };
};

describe('createSweep', () => {
  it('reads everybody again after a minute, and tells what no event told', async () => {
    const { read, told, tickAfter } = setUp(2);
    await tickAfter(60_000);
    expect(read).toEqual([]);
    await tickAfter(1000);
    expect(read).toEqual(['person 0', 'person 1']);
    expect(told).toEqual([['c'], ['c']]);
    await tickAfter(30_000);
    expect(read).toHaveLength(2);
  });

  it('spreads thousands of people over the seconds', async () => {
    const { read, tickAfter } = setUp(450);
    await tickAfter(61_000);
    expect(read).toHaveLength(200);
    await tickAfter(1000);
    await tickAfter(1000);
    expect(new Set(read).size).toBe(450);
  });

  it('comes again for whom it could not read', async () => {
    const { read, told, state, tickAfter } = setUp(1);
    state.isAway = true;
    await tickAfter(61_000);
    state.isAway = false;
    await tickAfter(1000);
    expect(read).toEqual(['person 0', 'person 0']);
    expect(told).toHaveLength(1);
  });
});
