import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { firstShown, lagOf, lagP95Between, lagP99Between, lagsAfter } from './lag.ts';

const send = (n: number, at: number): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'send', c: 'c', clientId: `k${n}`, body: 'a' },
});
const seen = (n: number, at: number, who = 'bob'): HistoryEvent => ({
  ...{ at, who, k: 'seen', c: 'c', seq: n, rev: n, id: `m${n}`, clientId: `k${n}`, via: 'push' },
});
const marks = [
  { at: 1000, what: 'SIGSTOP', isOver: false },
  { at: 2000, what: 'SIGCONT', isOver: true },
  { at: 9000, what: 'SIGSTOP', isOver: false },
];

describe('firstShown', () => {
  it('takes each message once a client, and nothing that no client sent', () => {
    const shown = firstShown([send(1, 10), seen(1, 15), seen(1, 90), seen(1, 30, 'eve'), seen(2, 40)]);
    expect(shown.map((one) => [one.who, lagOf(one)])).toEqual([
      ['bob', 5],
      ['eve', 20],
    ]);
  });
});

describe('lagsAfter', () => {
  const lags = (...events: HistoryEvent[]) => lagsAfter(firstShown(events), marks);

  it('counts from the end of the fault what was sent before it', () => {
    expect(lags(send(1, 500), seen(1, 2400))).toEqual([400]);
    expect(lags(send(1, 2100), seen(1, 2150))).toEqual([50]);
  });

  it('leaves out what is shown before a fault, or while one lasts', () =>
    expect(lags(send(1, 500), seen(1, 510), send(2, 1500), seen(2, 1600), send(3, 8000), seen(3, 9100))).toEqual([]));
});

describe('the shares of lags', () => {
  it('mind what was sent in the stretch, and tell a hundredth that is late', () => {
    const events = Array.from({ length: 200 }, (_, n) => [send(n, 100), seen(n, n < 196 ? 110 : 400)]).flat();
    const shown = firstShown([...events, send(999, 700), seen(999, 9000)]);
    expect([lagP95Between(shown, 0, 500), lagP99Between(shown, 0, 500)]).toEqual([10, 300]);
    expect(lagP99Between(shown, 200, 500)).toBeNull();
  });
});
