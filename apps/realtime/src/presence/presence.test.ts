import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { Connection, type SocketData } from '../connection/connection.ts';
import { People } from '../connection/people.ts';
import { Session } from '../sessions/sessions.ts';
import { Served } from '../subscriptions/served.ts';
import { createPresence } from './presence.ts';
import type { Status } from './presence-store.ts';

const ids = { ann: crypto.randomUUID(), bob: crypto.randomUUID(), eve: crypto.randomUUID() };

const setUp = () => {
  const clock = fakeClock(1000);
  const people = new People();
  const served = new Served();
  const kept = new Map<string, Status>();
  const writes: string[] = [];
  const published: unknown[] = [];
  const fault = { isOn: false };
  const nodes = ['here'];
  /** People of a node that died, and what they are on the others. */
  const departed: string[] = [];
  const elsewhere = new Map<string, Status[]>();
  const presence = createPresence({
    ...{ nodeId: 'here', people, served, clock, log: silentLog() },
    store: {
      liveNodes: async () => nodes,
      beat: async () => {
        writes.push('beat');
        return true;
      },
      set: async (statuses) => {
        writes.push('set');
        for (const [userId, status] of statuses) kept.set(userId, status);
      },
      remove: async (userIds) => {
        if (fault.isOn) throw new Error('Redis is away');
        writes.push('remove');
        for (const userId of userIds) kept.delete(userId);
      },
      statusesOn: async (_, userIds) => new Map(userIds.map((userId) => [userId, elsewhere.get(userId) ?? []])),
      takeDead: async () => departed,
      retireDead: async () => {
        if (fault.isOn) throw new Error('Redis is away');
        writes.push('retire dead');
      },
      retire: async () => void writes.push('retire'),
      // What one node publishes all nodes hear, this one too.
      publish: async (_, text) => {
        writes.push('publish');
        presence.hear(text);
      },
    },
    publish: (topic, frame) => published.push([topic, JSON.parse(frame)]),
    conversationsOf: async (userIds) => new Map(userIds.map((userId) => [userId, ['c']])),
  });
  /** Without conversations: a socket that has not resumed. */
  const connect = (name: keyof typeof ids, conversations?: string[]) => {
    const sent: unknown[] = [];
    const connection = new Connection(crypto.randomUUID(), people.personOf(ids[name]), new Session(null, name, 0), 0);
    connection.isSubscribed = conversations !== undefined;
    connection.socket = {
      send: (text: string) => sent.push(JSON.parse(text)),
    } as unknown as Bun.ServerWebSocket<SocketData>;
    people.add(connection);
    if (conversations !== undefined) connection.person.membershipsReadAt = clock.now();
    for (const c of conversations ?? []) {
      connection.person.memberships.set(c, { role: 'member', version: 1 });
      served.join(c, connection.person);
    }
    const leave = () => {
      if (!people.remove(connection)) return presence.thinned(connection.person);
      presence.left(connection.person);
      for (const c of connection.person.memberships.keys()) served.leave(c, connection.person);
    };
    return { connection, sent, leave, person: connection.person };
  };
  return { clock, presence, connect, kept, writes, published, fault, nodes, departed, elsewhere };
};

const push = (name: keyof typeof ids, status: string) => ({ e: 'presence', userId: ids[name], status });

describe('createPresence', () => {
  it('shows those who come in the same moment to each other, with one write and one publish for all of them', async () => {
    const { clock, presence, connect, writes, published, kept } = setUp();
    const [ann, bob] = [connect('ann', ['c']), connect('bob', ['c'])];
    connect('eve', ['d']);
    for (const { connection } of [ann, bob]) presence.arrived(connection);
    await clock.advance(0);
    expect(writes).toEqual(['set', 'publish']);
    expect(Object.fromEntries(kept)).toEqual({ [ids.ann]: 'online', [ids.bob]: 'online' });
    expect(ann.sent).toEqual([push('bob', 'online')]);
    expect(bob.sent).toEqual([push('ann', 'online')]);
    // Nobody else learns anything: eve shares no conversation with them.
    expect(published).toEqual([
      [`u:${ids.bob}`, push('ann', 'online')],
      [`u:${ids.ann}`, push('bob', 'online')],
    ]);
  });

  it('never shows somebody who was gone before it was told', async () => {
    const { clock, presence, connect, kept, published } = setUp();
    const [ann, bob] = [connect('ann', ['c']), connect('bob', ['c'])];
    presence.arrived(ann.connection);
    presence.arrived(bob.connection);
    bob.leave();
    await clock.advance(20_000);
    await presence.tick();
    expect(kept.has(ids.bob)).toBe(false);
    expect(JSON.stringify(published)).not.toContain(ids.bob);
  });

  it('keeps who comes back within ten seconds, and ends who does not', async () => {
    const { clock, presence, connect, published, kept } = setUp();
    const ann = connect('ann', ['c']);
    const bob = connect('bob', ['c']);
    for (const { connection } of [ann, bob]) presence.arrived(connection);
    await clock.advance(100);
    bob.leave();
    await clock.advance(9000);
    await presence.tick();
    const again = connect('bob', ['c']);
    presence.arrived(again.connection);
    await clock.advance(9000);
    await presence.tick();
    expect(JSON.stringify(published)).not.toContain('offline');
    again.leave();
    await clock.advance(9999);
    await presence.tick();
    expect(kept.has(ids.bob)).toBe(true);
    await clock.advance(1);
    await presence.tick();
    expect(kept.has(ids.bob)).toBe(false);
    expect(published.at(-1)).toEqual([`u:${ids.ann}`, push('bob', 'offline')]);
  });

  it('ends who left once Redis is back, but nobody who came back meanwhile', async () => {
    const { clock, presence, connect, published, kept, fault } = setUp();
    const [ann, bob, eve] = [connect('ann', ['c']), connect('bob', ['c']), connect('eve', ['c'])];
    for (const { connection } of [ann, bob, eve]) presence.arrived(connection);
    await clock.advance(100);
    for (const { leave } of [bob, eve]) leave();
    await clock.advance(10_000);
    fault.isOn = true;
    expect(await presence.tick().catch((error: Error) => error.message)).toBe('Redis is away');
    presence.arrived(connect('eve', ['c']).connection);
    await clock.advance(100);
    fault.isOn = false;
    await presence.tick();
    expect(kept.has(ids.bob)).toBe(false);
    expect(kept.has(ids.eve)).toBe(true);
    const told = published.filter((one) => JSON.stringify(one).includes('offline'));
    expect(told).toContainEqual([`u:${ids.ann}`, push('bob', 'offline')]);
    expect(JSON.stringify(told)).not.toContain(JSON.stringify(push('eve', 'offline')));
  });

  it('ends who came back and was gone before a resume, as if they had not', async () => {
    const { clock, presence, connect, published, kept } = setUp();
    const [ann, bob] = [connect('ann', ['c']), connect('bob', ['c'])];
    for (const { connection } of [ann, bob]) presence.arrived(connection);
    await clock.advance(100);
    bob.leave();
    await clock.advance(5000);
    connect('bob').leave();
    await clock.advance(5000);
    await presence.tick();
    expect(kept.has(ids.bob)).toBe(false);
    expect(published.at(-1)).toEqual([`u:${ids.ann}`, push('bob', 'offline')]);
  });

  it.each(['before a resume', 'before it is told of'])(
    'ends who left behind somebody who comes and goes %s',
    async (how) => {
      const { clock, presence, connect, published } = setUp();
      const [ann, bob, eve] = [connect('ann', ['c']), connect('bob', ['c']), connect('eve', ['c'])];
      for (const { connection } of [ann, bob, eve]) presence.arrived(connection);
      await clock.advance(100);
      eve.leave();
      bob.leave();
      for (const _ of [1, 2]) {
        await clock.advance(5000);
        const again = connect('eve', how === 'before a resume' ? undefined : ['c']);
        if (how !== 'before a resume') presence.arrived(again.connection);
        again.leave();
        await presence.tick();
      }
      expect(JSON.stringify(published)).toContain(JSON.stringify(push('bob', 'offline')));
    },
  );

  it('tells of a change at once, and of a hundred in a second the first and the last', async () => {
    const { clock, presence, connect, published, writes, kept } = setUp();
    const [ann, bob] = [connect('ann', ['c']), connect('bob', ['c'])];
    for (const { connection } of [ann, bob]) presence.arrived(connection);
    await clock.advance(100);
    published.length = writes.length = 0;
    for (let count = 0; count < 99; count++) {
      presence.changed(bob.connection, count % 2 === 0 ? 'away' : 'online');
      await clock.advance(10);
    }
    expect(published).toEqual([[`u:${ids.ann}`, push('bob', 'away')]]);
    presence.changed(bob.connection, 'online');
    await clock.advance(10);
    expect(published.at(-1)).toEqual([`u:${ids.ann}`, push('bob', 'online')]);
    expect(writes).toEqual(['set', 'publish', 'set', 'publish']);
    expect(kept.get(ids.bob)).toBe('online');
  });

  it('holds a change back for no frame before it that changed nothing', async () => {
    const { clock, presence, connect, published } = setUp();
    const [ann, phone, laptop] = [connect('ann', ['c']), connect('bob', ['c']), connect('bob', ['c'])];
    for (const { connection } of [ann, phone, laptop]) presence.arrived(connection);
    await clock.advance(100);
    for (const { connection } of [phone, laptop]) presence.changed(connection, 'away');
    await clock.advance(0);
    expect(published.at(-1)).toEqual([`u:${ids.ann}`, push('bob', 'away')]);
  });

  describe('of somebody whose other device is away', () => {
    const withTwoDevices = async () => {
      const all = setUp();
      const [ann, phone, laptop] = [all.connect('ann', ['c']), all.connect('bob', ['c']), all.connect('bob', ['c'])];
      for (const { connection } of [ann, phone, laptop]) all.presence.arrived(connection);
      await all.clock.advance(100);
      all.presence.changed(phone.connection, 'away');
      all.published.length = 0;
      const pass = async (ms: number) => {
        await all.clock.advance(ms);
        await all.presence.tick();
        await all.clock.advance(0);
      };
      return { ...all, phone, laptop, pass };
    };

    it('tells ten seconds after the one in use closed that they are away', async () => {
      const { connect, laptop, kept, published, presence, clock, pass } = await withTwoDevices();
      laptop.leave();
      await pass(9999);
      expect(published).toEqual([]);
      await pass(1);
      expect(published).toEqual([[`u:${ids.ann}`, push('bob', 'away')]]);
      expect(kept.get(ids.bob)).toBe('away');
      const eve = connect('eve', ['c']);
      presence.arrived(eve.connection);
      await clock.advance(100);
      expect(eve.sent.flat()).toContainEqual(push('bob', 'away'));
    });

    it('tells nothing of one that comes back within ten seconds, however often', async () => {
      const { connect, laptop, published, presence, pass } = await withTwoDevices();
      for (let current = laptop, time = 0; time < 5; time++) {
        current.leave();
        await pass(6000);
        current = connect('bob', ['c']);
        presence.arrived(current.connection);
        await pass(1000);
      }
      await pass(20_000);
      expect(published).toEqual([]);
    });

    it('tells only that they are offline where the other one closes, too', async () => {
      const { laptop, phone, kept, published, pass } = await withTwoDevices();
      laptop.leave();
      phone.leave();
      await pass(10_000);
      expect(published).toEqual([[`u:${ids.ann}`, push('bob', 'offline')]]);
      expect(kept.has(ids.bob)).toBe(false);
    });

    it('tells nothing of a person whom nobody was told of', async () => {
      const { connect, kept, published, pass } = await withTwoDevices();
      const [one] = [connect('eve'), connect('eve')];
      one?.leave();
      await pass(10_000);
      expect(published).toEqual([]);
      expect(kept.has(ids.eve)).toBe(false);
    });
  });

  it('lets a change go that waits while the person leaves', async () => {
    const { clock, presence, connect, kept } = setUp();
    const bob = connect('bob', ['c']);
    presence.arrived(bob.connection);
    await clock.advance(0);
    for (const status of ['away', 'online'] as const) presence.changed(bob.connection, status);
    bob.leave();
    await clock.advance(10_000);
    expect(kept.get(ids.bob)).toBe('away');
    await presence.tick();
    expect(kept.has(ids.bob)).toBe(false);
  });

  it('tells what the people of a node that died are now, but of nobody who is online all the same', async () => {
    const { clock, presence, connect, published, departed, elsewhere } = setUp();
    const [ann, bob, eve] = [connect('ann', ['c']), connect('bob', ['c']), connect('eve', ['c'])];
    for (const { connection } of [ann, bob]) presence.arrived(connection);
    await clock.advance(100);
    presence.changed(bob.connection, 'away');
    await clock.advance(0);
    published.length = 0;
    departed.push(ids.ann, ids.bob, ids.eve);
    await presence.beat();
    const told = published.flat(2);
    expect(told).toContainEqual(push('bob', 'away'));
    expect(told).toContainEqual(push('eve', 'offline'));
    expect(told).not.toContainEqual(push('ann', 'online'));

    published.length = 0;
    elsewhere.set(ids.eve, ['away']);
    await presence.beat();
    expect(published.flat(2)).toContainEqual(push('eve', 'away'));
    expect(eve.sent).toEqual([]);
  });

  it('does not show any more that the node lives once it has retired', async () => {
    const { presence, writes } = setUp();
    await presence.beat();
    await Promise.all([presence.retire(), presence.beat()]);
    await presence.beat();
    expect(writes).toEqual(['retire dead', 'beat', 'retire']);
  });

  it('takes of several processes in one seat the last one for the living', async () => {
    const { presence, nodes } = setUp();
    nodes.splice(0, 1, 'a-dead', 'b-lives', 'a-frozen', 'a-lives', 'here');
    await presence.beat();
    expect(nodes.filter(presence.isLive)).toEqual(['b-lives', 'a-lives', 'here']);
  });

  it('retires the process before it once, as soon as Redis answers', async () => {
    const { presence, writes, fault } = setUp();
    fault.isOn = true;
    expect(await presence.beat().catch((error: Error) => error.message)).toBe('Redis is away');
    fault.isOn = false;
    await presence.beat();
    await presence.beat();
    expect(writes).toEqual(['retire dead', 'beat', 'beat']);
  });

  it('shows a person who came into a conversation to its members, though the status is an old one', async () => {
    const { clock, presence, connect, published } = setUp();
    const [ann, bob] = [connect('ann', ['c']), connect('bob', [])];
    for (const { connection } of [ann, bob]) presence.arrived(connection);
    await clock.advance(100);
    expect(published).toEqual([]);
    connect('bob', ['c']);
    presence.joined(bob.person, 'c');
    await clock.advance(100);
    expect(bob.sent).toEqual([push('ann', 'online')]);
    expect(published).toEqual([[`u:${ids.ann}`, push('bob', 'online')]]);
  });
});
