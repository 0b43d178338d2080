import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { createIssuerPresence } from './issuer-presence.ts';

/** Two issuers, of which the second one is there, away, or silent. */
const stand = () => {
  const clock = fakeClock();
  const neighbour = { asked: 0, believedMs: 0, is: 'there' as 'there' | 'away' | 'silent' };
  const there = { present: async () => 'metadata' };
  const second = {
    present: (withinMs: number) => {
      neighbour.asked++;
      neighbour.believedMs = withinMs;
      if (neighbour.is === 'silent') return new Promise<never>(() => undefined);
      return neighbour.is === 'there' ? Promise.resolve('metadata') : Promise.reject(new Error('away'));
    },
  };
  const check = createIssuerPresence({ issuers: [there, second], now: clock.now, clock });
  const state = () =>
    check().then(
      () => 'ok',
      () => 'down',
    );
  return { clock, neighbour, state };
};

describe('the presence of all issuers', () => {
  it('F39, I10: is told within five seconds after one of them went or came', async () => {
    const { clock, neighbour, state } = stand();
    for (const [is, expected] of [
      ['there', 'ok'],
      ['away', 'down'],
      ['there', 'ok'],
    ] as const) {
      await state();
      neighbour.is = is;
      await clock.advance(3000);
      expect(await state()).toBe(expected);
    }
    expect(3000 + neighbour.believedMs).toBeLessThan(5000);
  });

  it('is looked at once in three seconds, whoever asks', async () => {
    const { clock, neighbour, state } = stand();
    for (const is of ['there', 'away'] as const) {
      Object.assign(neighbour, { is, asked: 0 });
      await clock.advance(3000);
      for (let count = 0; count < 100; count++) await Promise.all([state(), state()]);
      await clock.advance(2900);
      await state();
      expect(neighbour.asked).toBe(1);
    }
  });

  it('is known before a probe gives up, where an issuer does not answer', async () => {
    const { clock, neighbour, state } = stand();
    neighbour.is = 'silent';
    const first = state();
    await clock.advance(700);
    expect(await first).toBe('down');
    // Those that come after it do not wait.
    expect(await state()).toBe('down');
  });
});
