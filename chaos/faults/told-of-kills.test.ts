import { describe, expect, it } from 'bun:test';
import { overLimits } from '../judged.ts';
import { toldOfKills } from './told-of-kills.ts';

const kills = [
  { name: 'bff', at: 1000 },
  { name: 'bff-2', at: 4000 },
];
const broke = (...deaths: { name: string; at: number }[]) =>
  overLimits(toldOfKills('bff', kills, deaths)).map(({ what }) => what);

describe('toldOfKills', () => {
  it('wants every kill to be told of, soon', () => {
    expect(broke({ name: 'bff', at: 1010 }, { name: 'bff-2', at: 4500 })).toEqual([]);
    expect(broke({ name: 'bff', at: 1010 }, { name: 'bff-2', at: 9500 })).toHaveLength(1);
  });

  it('finds a kill that nobody told of: a death before it, or of another process, is none', () => {
    const never = ['the supervisor tells of kill -9 of bff, ms: never, allowed is ≤ 5000'];
    expect(broke({ name: 'bff', at: 1010 })).toEqual(never);
    expect(broke({ name: 'bff', at: 1010 }, { name: 'bff', at: 4010 }, { name: 'bff-2', at: 900 })).toEqual(never);
  });

  it('takes one death for one kill', () => {
    const twice = [...kills, { name: 'bff-2', at: 4200 }];
    const deaths = [
      { name: 'bff', at: 1010 },
      { name: 'bff-2', at: 4300 },
    ];
    expect(overLimits(toldOfKills('bff', twice, deaths))).toHaveLength(1);
  });
});
