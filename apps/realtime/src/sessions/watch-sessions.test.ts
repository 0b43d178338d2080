import { describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { Connection, type SocketData } from '../connection/connection.ts';
import { Person } from '../connection/people.ts';
import { Sessions } from './sessions.ts';
import { createSessionWatch } from './watch-sessions.ts';

const setUp = (sid: string | null, expiresAt: number) => {
  const clock = { now: 0 };
  const bff: { live: Map<string, number> | undefined; asked: number } = { live: new Map(), asked: 0 };
  const sessions = new Sessions();
  const seen: { sent: unknown[]; closed: number[] } = { sent: [], closed: [] };
  const connection = new Connection('1', new Person('ann'), sessions.of(sid, 'ann', expiresAt), 0);
  connection.socket = {
    send: (text: string) => seen.sent.push(JSON.parse(text)),
    close: (code: number) => seen.closed.push(code),
  } as unknown as Bun.ServerWebSocket<SocketData>;
  sessions.add(connection);
  const watch = createSessionWatch({
    sessions,
    readLive: async () => {
      bff.asked++;
      if (bff.live === undefined) throw new Error('the BFF is down');
      return bff.live;
    },
    now: () => clock.now,
    clock: systemClock,
    log: silentLog(),
  });
  return { clock, bff, seen, watch, sessions };
};

describe('createSessionWatch', () => {
  it('closes the socket of a session that is over', async () => {
    const { clock, seen, watch } = setUp('s', 300_000);
    clock.now = 300_000;
    await watch.tick();
    expect(seen.closed).toEqual([4501]);
  });

  it('keeps the socket of a session that was extended, and tells nobody who was not warned', async () => {
    const { clock, bff, seen, watch } = setUp('s', 300_000);
    bff.live?.set('s', 900_000);
    clock.now = 200_000;
    await watch.tick();
    expect(seen).toEqual({ sent: [], closed: [] });
    expect(bff.asked).toBe(1);
    clock.now = 300_000;
    await watch.tick();
    expect(bff.asked).toBe(1);
  });

  it('warns once two minutes before the end, and tells of an extension after that', async () => {
    const { clock, bff, seen, watch } = setUp('s', 300_000);
    bff.live?.set('s', 300_000);
    clock.now = 180_000;
    await watch.tick();
    await watch.tick();
    expect(seen.sent).toEqual([{ e: 'session', expiresAt: new Date(300_000).toISOString() }]);
    bff.live?.set('s', 800_000);
    await watch.sweep();
    expect(seen.sent).toHaveLength(2);
  });

  it('lets people come back where the BFF does not answer at the end of a session', async () => {
    const { clock, bff, seen, watch } = setUp('s', 300_000);
    bff.live = undefined;
    clock.now = 200_000;
    await watch.tick();
    expect(seen.closed).toEqual([]);
    clock.now = 300_000;
    await watch.tick();
    expect(seen.closed).toEqual([4003]);
  });

  it('ends the socket of a token with the token', async () => {
    const { clock, bff, seen, watch } = setUp(null, 300_000);
    clock.now = 300_000;
    await watch.tick();
    expect(seen.closed).toEqual([4003]);
    expect(bff.asked).toBe(0);
  });

  it('closes in its sweep what the BFF knows no more', async () => {
    const { seen, watch } = setUp('s', 900_000);
    await watch.sweep();
    expect(seen.closed).toEqual([4501]);
  });

  it('closes them one after another in its sweep, so that they do not sign in all at once', async () => {
    const clock = fakeClock();
    const sessions = new Sessions();
    const closed: number[] = [];
    for (let place = 0; place < 400; place++) {
      const connection = new Connection(`${place}`, new Person('ann'), sessions.of(`s${place}`, 'ann', 900_000), 0);
      connection.socket = { close: () => closed.push(clock.now()) } as unknown as Bun.ServerWebSocket<SocketData>;
      sessions.add(connection);
    }
    const readLive = async () => new Map<string, number>();
    const watch = createSessionWatch({ sessions, readLive, now: clock.now, clock, log: silentLog() });
    const swept = watch.sweep();
    await clock.advance(2000);
    expect(closed.length).toBeLessThan(100);
    await clock.advance(8000);
    await swept;
    expect(closed).toHaveLength(400);
  });
});

describe('Sessions', () => {
  it('remembers an ended session longer than its tickets live', () => {
    const { sessions } = setUp('s', 1);
    sessions.noteEnded('s', 1000);
    expect(sessions.hasEnded('s', 31_000)).toBe(true);
    expect(sessions.hasEnded('s', 121_000)).toBe(false);
    expect(sessions.hasEnded('t', 1000)).toBe(false);
  });
});
