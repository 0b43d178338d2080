import { describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { createBeats } from './beats.ts';
import type { Link } from './link.ts';

/** A link that notes when it was beaten. */
const listening = () => {
  const at: number[] = [];
  return { at, link: { beat: () => void at.push(performance.now()) } as unknown as Link };
};

describe('createBeats', () => {
  it('beats each link as often as the others, not all at one moment, and none that was taken out', async () => {
    const beats = createBeats(200, systemClock);
    const links = Array.from({ length: 30 }, listening);
    const [out] = links.splice(0, 1);
    for (const { link } of [...(out ? [out] : []), ...links]) beats.add(link);
    if (out) beats.remove(out.link);
    await eventually(() => links.every(({ at }) => at.length >= 3));
    expect(out?.at).toEqual([]);
    const counts = links.map(({ at }) => at.length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(new Set(links.map(({ at }) => Math.round((at[0] ?? 0) / 5))).size).toBeGreaterThan(3);
  });

  it('lets what came be read first where the process stood still', async () => {
    let looks = 0;
    // Each look at the clock finds that a minute has passed.
    const beats = createBeats(50, { now: () => ++looks * 60_000 });
    const { at, link } = listening();
    beats.add(link);
    await eventually(() => looks > 40);
    expect(at).toEqual([]);
  });
});
