import { beforeEach, describe, expect, it } from 'bun:test';
import { type Cluster, createCluster, type Instance, type InstanceOutcome } from './cluster.ts';

let now: number;
let cluster: Cluster;
const [a, b, c] = ['http://a:1', 'http://b:1', 'http://c:1'] as const;
const of = (url: string): Instance => {
  const found = cluster.instances.find((one) => one.url === url);
  if (found === undefined) throw new Error(`no ${url}`);
  return found;
};
const send = (url: string, outcome: InstanceOutcome, times = 1) => {
  for (let count = 0; count < times; count++) of(url).begin()(outcome);
};
/** How often each is taken. */
const shares = (times = 3000) => {
  const taken: Record<string, number> = {};
  for (let count = 0; count < times; count++) {
    const url = cluster.pick();
    taken[url] = (taken[url] ?? 0) + 1;
  }
  return taken;
};

beforeEach(() => {
  now = 1_000_000;
  cluster = createCluster({ name: 'x', urls: [a, b, c], now: () => now, random: Math.random });
});

describe('the choice of an instance', () => {
  it('is even while all are alike', () => {
    for (const share of Object.values(shares())) expect(share).toBeWithin(800, 1200);
  });

  it('is the less busy of two at random: the busiest gets nothing', () => {
    const ends = Array.from({ length: 5 }, () => of(a).begin());
    of(b).begin();
    const taken = shares();
    expect(taken[a]).toBeUndefined();
    expect(taken[c] ?? 0).toBeGreaterThan(taken[b] ?? 0);
    for (const end of ends) end('ok');
    expect(of(a).busy).toBe(0);
  });

  it('is the less busy of the two that were drawn, not the least busy of all', () => {
    const draws: number[] = [];
    const random = () => draws.shift() ?? expect.unreachable();
    cluster = createCluster({ name: 'x', urls: [a, b, c], now: () => now, random });
    for (const url of [a, a, b]) of(url).begin();
    const pickBy = (...two: [number, number]) => {
      draws.push(...two);
      return cluster.pick();
    };
    // Each first one with each of the two others.
    const taken = [0, 0.4, 0.7].map((first) => [pickBy(first, 0), pickBy(first, 0.5)]);
    expect(taken).toEqual([
      [b, c],
      [b, c],
      [c, c],
    ]);
  });

  it('is another one at the next attempt, while there is one', () => {
    const tried = new Set<string>();
    for (let count = 0; count < 3; count++) tried.add(cluster.pick(tried));
    expect([...tried].sort()).toEqual([a, b, c]);
    expect(tried).toContain(cluster.pick(tried));
  });

  it('counts each request once, however often it is ended', () => {
    const end = of(a).begin();
    end('ok');
    end('ok');
    expect(of(a).busy).toBe(0);
  });
});

describe('an instance is left out', () => {
  it('while it drains, at once, and is back at once', () => {
    of(a).noteCheck('draining');
    expect(shares()[a]).toBeUndefined();
    of(a).noteCheck('ready');
    expect(shares()[a]).toBeGreaterThan(0);
  });

  it('while it says so itself, until a check finds it ready', () => {
    send(a, 'leaving');
    now += 60_000;
    expect(shares()[a]).toBeUndefined();
    of(a).noteCheck('ready');
    expect(shares()[a]).toBeGreaterThan(0);
  });

  it('when two checks in a row were not answered', () => {
    of(a).noteCheck('silent');
    expect(shares()[a]).toBeGreaterThan(0);
    of(a).noteCheck('silent');
    expect(shares()[a]).toBeUndefined();
  });

  it('for a second when it refuses connections', () => {
    send(a, 'refused');
    expect(shares()[a]).toBeUndefined();
    now += 1000;
    expect(shares()[a]).toBeGreaterThan(0);
  });

  it('when half of its requests fail, but not for a few', () => {
    send(a, 'failed', 4);
    expect(shares()[a]).toBeGreaterThan(0);
    send(a, 'ok', 6);
    send(a, 'failed', 1);
    expect(shares()[a]).toBeGreaterThan(0);
    send(a, 'failed', 3);
    expect(shares()[a]).toBeUndefined();
  });

  it('for longer each time, until it answers again', () => {
    send(a, 'failed', 5);
    now += 4999;
    expect(shares()[a]).toBeUndefined();
    now += 1;
    expect(shares()[a]).toBeGreaterThan(0);
    // On probation one failure is enough.
    send(a, 'failed', 1);
    now += 9999;
    expect(shares()[a]).toBeUndefined();
    now += 1;
    send(a, 'ok', 1);
    send(a, 'failed', 1);
    expect(shares()[a]).toBeGreaterThan(0);
  });

  it('not for what happened long ago, nor for what says nothing', () => {
    send(a, 'failed', 4);
    now += 10_000;
    send(a, 'failed', 4);
    send(a, 'unknown', 100);
    expect(shares()[a]).toBeGreaterThan(0);
  });

  it('never where that would leave none', () => {
    for (const url of [a, b, c]) send(url, 'failed', 5);
    expect(cluster.available).toBe(0);
    expect(Object.keys(shares()).length).toBe(3);
  });
});

describe('replace', () => {
  it('keeps what is known of who stays, and lets who goes finish', () => {
    const end = of(a).begin();
    const going = of(b).begin();
    of(c).noteCheck('draining');
    cluster.replace([a, c, 'http://d:1']);
    expect(cluster.instances.map(({ url }) => url)).toEqual([a, c, 'http://d:1']);
    expect([of(a).busy, cluster.available]).toEqual([1, 2]);
    end('ok');
    going('ok');
    expect(of(a).busy).toBe(0);
  });
});
