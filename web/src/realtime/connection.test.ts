import { describe, expect, it } from 'bun:test';
import type { Push } from '@chatapp/contract/frames';
import { fakeClock } from '../../test/fake-clock.ts';
import { fakeSockets } from '../../test/fake-socket.ts';
import { harbour } from '../../test/people.ts';
import { createConnection } from './connection.ts';
import { ConnectionLost, SocketRefusal } from './replies.ts';

const start = async (ticket = async () => ({ url: 'ws://host/realtime', ticket: 't 1', expiresAt: '' })) => {
  const { clock, advance, settle } = fakeClock();
  const far = fakeSockets();
  const pushes: Push[] = [];
  const calls: string[] = [];
  const connection = createConnection({
    ticket,
    open: far.open,
    clock,
    random: () => 0.5,
    positions: () => [[harbour, 7]],
    onGreeting: () => calls.push('greeting'),
    onResumed: () => calls.push('resumed'),
    onPush: (push) => pushes.push(push),
    onLost: () => calls.push('lost'),
  });
  connection.start();
  await settle();
  const ready = async () => {
    far.hello();
    far.answer('resume', { conversations: [] });
    await settle();
  };
  return { connection, far, pushes, calls, advance, settle, ready };
};

describe('connection', () => {
  it('opens with the ticket, resumes with what it has, and is ready when that is answered', async () => {
    const { connection, far, calls, settle } = await start();
    expect(far.last().url).toBe('ws://host/realtime?ticket=t+1');
    far.hello();
    expect(far.sent('resume')).toMatchObject({ conversations: [[harbour, 7]] });
    expect(connection.ready()).toBe(false);
    far.answer('resume', { conversations: [] });
    await settle();
    expect(connection.ready()).toBe(true);
    expect(calls).toEqual(['greeting', 'resumed']);
  });

  it('takes batches and brings answers to who asked', async () => {
    const { connection, far, pushes, ready } = await start();
    await ready();
    const first = connection.request('ping', {});
    const second = connection.request('read', { conversationId: harbour, seq: 1 });
    const [ping, read] = [far.sent('ping')?.id ?? 0, far.sent('read')?.id ?? 0];
    const error = { code: 'not-found', temporary: false } as const;
    far.say([{ re: read, error }, { e: 'lists' }, { re: ping, ok: {} }]);
    expect(await first).toEqual({});
    expect(await second.catch((refusal: SocketRefusal) => refusal)).toBeInstanceOf(SocketRefusal);
    expect(pushes).toEqual([{ e: 'lists' }]);
  });

  it('comes back after a cut, with jitter and longer each time, and forgets the count once it is ready', async () => {
    const { connection, far, advance, ready } = await start();
    await ready();
    const waiting = connection.request('ping', {});
    far.last().cut(1006);
    expect(await waiting.catch((error: unknown) => error)).toBeInstanceOf(ConnectionLost);
    expect(connection.state()).toEqual({ at: 'waiting' });
    await advance(249);
    expect(far.sockets).toHaveLength(1);
    await advance(1);
    expect(far.sockets).toHaveLength(2);
    far.last().cut(1006);
    await advance(499);
    expect(far.sockets).toHaveLength(2);
    await advance(1);
    expect(far.sockets).toHaveLength(3);
    await ready();
    far.last().cut(1006);
    await advance(250);
    expect(far.sockets).toHaveLength(4);
  });

  it('does not come back when it is told not to', async () => {
    const { connection, far, advance, ready } = await start();
    await ready();
    far.last().cut(4501);
    await advance(120_000);
    expect(connection.state()).toEqual({ at: 'ended', code: 4501 });
    expect(far.sockets).toHaveLength(1);
  });

  it('says that it was signed out, and comes back from that only when it is started again', async () => {
    const { connection, far, settle, ready } = await start();
    await ready();
    expect(connection.isSignedOut()).toBe(false);
    far.last().cut(4503);
    expect(connection.isSignedOut()).toBe(false);
    connection.start();
    await settle();
    far.last().cut(4501);
    expect(connection.isSignedOut()).toBe(true);
    connection.start();
    await settle();
    await ready();
    expect(connection.state()).toEqual({ at: 'ready' });
  });

  it('comes back when there was no ticket', async () => {
    let failing = true;
    const { far, advance } = await start(async () => {
      if (failing) throw new Error('unreachable');
      return { url: 'ws://host/realtime', ticket: 't', expiresAt: '' };
    });
    expect(far.sockets).toHaveLength(0);
    failing = false;
    await advance(250);
    expect(far.sockets).toHaveLength(1);
  });

  it('gives up a connection that answers no ping', async () => {
    const { connection, far, advance, ready } = await start();
    await ready();
    await advance(25_000);
    far.answer('ping', {});
    await advance(25_000);
    expect(connection.ready()).toBe(true);
    await advance(10_000);
    expect(far.sockets[0]?.closed).toBe(true);
    expect(connection.ready()).toBe(false);
  });

  it('gives up a connection that never greets', async () => {
    const { far, advance } = await start();
    await advance(15_000);
    expect(far.sockets[0]?.closed).toBe(true);
  });

  it('moves to another node when this one goes away', async () => {
    const { far, advance, ready } = await start();
    await ready();
    far.say({ e: 'goaway', afterMs: 300 });
    await advance(299);
    expect(far.sockets).toHaveLength(1);
    await advance(1);
    expect(far.sockets[0]?.closed).toBe(true);
    expect(far.sockets).toHaveLength(2);
  });

  it('gives up a socket that only looks open when the browser has no network', async () => {
    const { connection, far, advance, ready } = await start();
    await ready();
    connection.offline();
    expect(connection.state()).toEqual({ at: 'waiting' });
    await advance(250);
    expect(far.sockets).toHaveLength(2);
  });

  it('does not wait longer when the network is back', async () => {
    const { connection, far, settle, ready } = await start();
    await ready();
    far.last().cut(1006);
    connection.hurry();
    await settle();
    expect(far.sockets).toHaveLength(2);
  });

  describe('what is told of a server that is away', () => {
    it('is nothing at the start, unless it takes long', async () => {
      const { connection, advance, ready } = await start();
      await advance(4_999);
      expect(connection.isAway()).toBe(false);
      await advance(1);
      expect(connection.isAway()).toBe(true);
      await ready();
      expect(connection.isAway()).toBe(false);
    });

    it('is nothing when it is back soon after a cut, or after a node went away', async () => {
      const { connection, far, advance, ready } = await start();
      await ready();
      const ends = [() => far.last().cut(1006), () => far.say({ e: 'goaway', afterMs: 0 })];
      for (const end of ends) {
        end();
        await advance(1_500);
        expect(connection.ready()).toBe(false);
        expect(connection.isAway()).toBe(false);
        await ready();
        await advance(10_000);
        expect(connection.isAway()).toBe(false);
      }
    });

    it('is that it is away once no ticket comes for two seconds, whatever is tried, until it is back', async () => {
      let isHung = false;
      const never = new Promise<never>(() => {});
      const { connection, far, advance, settle, ready } = await start(() =>
        isHung ? never : Promise.resolve({ url: 'ws://host/realtime', ticket: 't', expiresAt: '' }),
      );
      await ready();
      isHung = true;
      far.last().cut(1006);
      await advance(1_999);
      expect(connection.isAway()).toBe(false);
      await advance(1);
      expect(connection.state()).toEqual({ at: 'connecting' });
      expect(connection.isAway()).toBe(true);
      isHung = false;
      connection.offline();
      connection.hurry();
      await settle();
      expect(connection.isAway()).toBe(true);
      await ready();
      expect(connection.isAway()).toBe(false);
    });

    it('is that it is away at once when the browser has no network, or it is not to come back', async () => {
      for (const end of [4510, undefined]) {
        const { connection, far, ready } = await start();
        await ready();
        if (end === undefined) connection.offline();
        else far.last().cut(end);
        expect(connection.isAway()).toBe(true);
      }
    });
  });

  it('ignores what an older socket says', async () => {
    const { far, pushes, advance, ready } = await start();
    await ready();
    const [older] = far.sockets;
    older?.cut(1006);
    await advance(250);
    older?.hear(JSON.stringify({ e: 'lists' }));
    older?.cut(4501);
    expect(pushes).toEqual([]);
    expect(far.sockets).toHaveLength(2);
  });
});
