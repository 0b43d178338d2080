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
});
