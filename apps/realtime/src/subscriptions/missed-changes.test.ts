import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import type { ChangesAsk } from './messages.ts';
import { createReadMissed, missedKey } from './missed-changes.ts';

const setUp = () => {
  const clock = fakeClock();
  const asked: (readonly ChangesAsk[])[] = [];
  const read = createReadMissed(
    {
      heads: async () => [],
      changes: async (asks) => {
        asked.push(asks);
        return asks.map(({ id, after }) => ({ id, changes: [], after, to: after, headRev: after }));
      },
    },
    clock,
  );
  return { clock, asked, read };
};

describe('createReadMissed', () => {
  it('asks once for what many miss, whoever came back first', async () => {
    const { clock, asked, read } = setUp();
    const answers = Promise.all([
      read([{ id: 'c', after: 4, gap: 2 }]),
      read([
        { id: 'c', after: 4, gap: 2 },
        { id: 'd', after: 0, gap: 1 },
      ]),
      read([{ id: 'c', after: 3, gap: 3 }]),
    ]);
    await clock.advance(0);
    expect(asked).toEqual([
      [
        { id: 'c', after: 4 },
        { id: 'd', after: 0 },
        { id: 'c', after: 3 },
      ],
    ]);
    for (const pages of await answers) expect(pages.get(missedKey({ id: 'c', after: 4 }))).toMatchObject({ to: 4 });
  });

  it('asks for no more at once than an answer has room for', async () => {
    const { clock, asked, read } = setUp();
    const all = Array.from({ length: 25 }, (_, index) => ({ id: `c${index}`, after: 0, gap: 1000 }));
    const pages = read(all);
    await clock.advance(0);
    expect(asked.map((asks) => asks.length)).toEqual([10, 10, 5]);
    expect((await pages).size).toBe(25);
  });

  it('asks again for what an answer had no room for: it would look like more than a page', async () => {
    const clock = fakeClock();
    const asked: string[][] = [];
    const changes = async (asks: readonly ChangesAsk[]) => {
      asked.push(asks.map(({ id }) => id));
      return asks.map(({ id, after }, place) => ({ id, changes: [], after, to: place < 2 ? 4 : after, headRev: 4 }));
    };
    const read = createReadMissed({ heads: async () => [], changes }, clock);
    const pages = read(['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, after: 1, gap: 3 })));
    await clock.advance(0);
    expect([...(await pages).values()].map(({ id, to }) => [id, to])).toEqual([
      ['a', 4],
      ['b', 4],
      ['c', 4],
      ['d', 4],
      ['e', 4],
    ]);
    expect(asked).toEqual([['a', 'b', 'c', 'd', 'e'], ['c', 'd', 'e'], ['e']]);
  });

  it('does not ask for ever where nothing comes', async () => {
    const clock = fakeClock();
    let asks = 0;
    const changes = async (wanted: readonly ChangesAsk[]) => {
      asks++;
      return wanted.map(({ id, after }) => ({ id, changes: [], after, to: after, headRev: after + 1 }));
    };
    const pages = createReadMissed({ heads: async () => [], changes }, clock)([{ id: 'c', after: 1, gap: 1 }]);
    await clock.advance(0);
    expect((await pages).size).toBe(1);
    expect(asks).toBe(1);
  });
});
