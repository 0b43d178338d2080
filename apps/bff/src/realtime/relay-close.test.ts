import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';
import { opcode, openRudeBrowser, type RudeSocket, startRudeService } from '../../testing/rude-socket.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 60_000);
afterAll(() => stand.stop());

interface Ending {
  readonly what: string;
  readonly end: (sides: { browser: RudeSocket; service: RudeSocket; bob: Browser; bff: Instance }) => unknown;
  /** What each side is told; undefined: it said so itself, and may be told or not. */
  readonly told: { readonly browser?: number; readonly service?: number };
}

const endings: readonly Ending[] = [
  {
    what: 'the session ends',
    end: async ({ bob, bff }) => {
      const user = await bob.call('GET', '/bff/user', { at: bff.url });
      await bob.call('GET', ((await user.json()) as { logoutUrl: string }).logoutUrl, { at: bff.url });
    },
    told: { browser: 4501, service: 1001 },
  },
  { what: 'the service closes', end: ({ service }) => service.sendClose(4010), told: { browser: 4010 } },
  { what: 'the browser closes', end: ({ browser }) => browser.sendClose(4000), told: { service: 4000 } },
];

/** A browser and a service that are tied together, and talk but for the one that only listens. */
const tie = async (listener?: keyof Ending['told']) => {
  const rude = await startRudeService({ onlyListens: listener === 'service' });
  const bff = await stand.another({ REALTIME_URL: rude.url, HEALTH_CHECK_MS: '60000' });
  const bob = await stand.signIn('bob');
  const address = `${bff.url.replace('http', 'ws')}/realtime?ticket=t`;
  const headers = { origin: stand.url, cookie: bob.cookie() };
  const browser = await openRudeBrowser(address, headers, { onlyListens: listener === 'browser' });
  const service = await rude.opened;
  const sides = { browser, service };
  const hearing = listener === undefined ? Object.values(sides) : [sides[listener]];
  await eventually(() => hearing.every((side) => side.opcodes().length > 20));
  return { ...sides, bob, bff, stop: rude.stop };
};

describe('two sides that send on after the end', () => {
  it.each(endings)(
    'S37: get no frame of each other behind the close, and are cut: $what',
    async (ending) => {
      const tied = await tie();
      const sides = [tied.browser, tied.service];
      const at = performance.now();
      await ending.end(tied);
      await Promise.all(sides.map(({ gone }) => gone));
      expect(performance.now() - at).toBeLessThan(3000);
      for (const side of sides) {
        const codes = side.opcodes();
        const closed = codes.indexOf(opcode.close);
        if (closed >= 0) expect(codes.slice(closed + 1)).toEqual([]);
      }
      // Who writes to a connection that is gone is reset, and what had come and was not read yet is lost with it: then no code was seen. That the
      // code is sent, those show that only listen.
      const seen = { browser: tied.browser.closeCode(), service: tied.service.closeCode() };
      if (ending.told.browser !== undefined) expect([ending.told.browser, undefined]).toContain(seen.browser);
      if (ending.told.service !== undefined) expect([ending.told.service, undefined]).toContain(seen.service);
      await eventually(() => tied.bff.bff.relay.size === 0);
      tied.stop();
    },
    20_000,
  );
});

const told = endings.flatMap(({ what, end, told: codes }) =>
  (['browser', 'service'] as const).flatMap((side) => {
    const code = codes[side];
    return code === undefined ? [] : [{ what, side, code, end }];
  }),
);

describe('a side that only listens', () => {
  it.each(told)(
    'S37: is told $code as the last of what the other one sends on and on: $what, the $side',
    async ({ side, code, end }) => {
      const tied = await tie(side);
      await end(tied);
      const listener = tied[side];
      await listener.gone;
      expect(listener.closeCode()).toBe(code);
      expect(listener.opcodes().indexOf(opcode.close)).toBe(listener.opcodes().length - 1);
      await eventually(() => tied.bff.bff.relay.size === 0);
      tied.stop();
    },
    20_000,
  );
});
