import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { sendAway } from './send-away.ts';

const socketsOf = (count: number) => {
  const clock = fakeClock();
  const sockets = Array.from({ length: count }, () => ({
    told: [] as { at: number; frame: { e: string; afterMs: number } }[],
    closed: [] as { at: number; code: number; reason: string }[],
    send(frame: string) {
      this.told.push({ at: clock.now(), frame: JSON.parse(frame) });
    },
    close(code: number, reason: string) {
      this.closed.push({ at: clock.now(), code, reason });
    },
  }));
  return { clock, sockets };
};

describe('sendAway', () => {
  it('tells each socket its moment at once, and closes it then, all within one and a half seconds', async () => {
    const { clock, sockets } = socketsOf(300);
    const away = sendAway({ sockets, clock, random: Math.random });
    await clock.advance(1550);
    await away;
    for (const { told, closed } of sockets) {
      const afterMs = told[0]?.frame.afterMs ?? Number.NaN;
      expect(told).toEqual([{ at: 0, frame: { e: 'goaway', afterMs } }]);
      expect(closed).toEqual([{ at: expect.any(Number), code: 4001, reason: 'goaway' }]);
      const lateMs = (closed[0]?.at ?? Number.NaN) - afterMs;
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(50);
    }
    const inFirstThird = sockets.filter(({ closed }) => (closed[0]?.at ?? 0) < 500).length;
    expect(inFirstThird).toBeGreaterThan(50);
    expect(inFirstThird).toBeLessThan(150);
  });

  it('is done at once where there are none', async () => {
    const { clock, sockets } = socketsOf(0);
    await sendAway({ sockets, clock, random: Math.random });
    expect(clock.sleepers()).toBe(0);
  });
});
