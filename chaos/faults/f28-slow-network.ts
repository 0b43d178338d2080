import { firstShown, lagP95Between } from '../checker/lag.ts';
import type { Fault } from '../fault.ts';
import type { Judged } from '../judged.ts';
import type { Recorded } from '../pass-figures.ts';

const slow = { latencyMs: 150, jitterMs: 100 };
const lossy = { latencyMs: 20, stallShare: 0.05, stallMs: 250 };
/** There and back; a lost packet is sent again after its timeout, so that the way of a packet may take that too. */
const roundTripMs = {
  slow: 2 * (slow.latencyMs + slow.jitterMs / 2),
  lossy: 2 * lossy.latencyMs + lossy.stallMs,
};
const marks = { slow: 'the network is slow', lossy: 'the network loses packets', quick: 'the network is quick' };

export const slowNetwork: Fault = {
  id: 'F28',
  title: 'clients have 200 ms ± 50 of latency and 64 KB/s, then lose one packet of twenty',
  edges: ['client>bff'],
  differs: 'a proxy holds back one chunk of twenty, as TCP does after a lost packet, in place of iptables and tbf.',
  recoveryMsMax: 2000,
  check: { unansweredMsMax: 16_000 },
  inject: async ({ stack, wait, mark, over, isShort }) => {
    const [proxy] = stack.proxies('client>bff');
    proxy?.set({ ...slow, bytesPerSecond: 64 * 1024 });
    mark(marks.slow);
    await wait(isShort ? 5000 : 40_000);
    proxy?.set(lossy);
    mark(marks.lossy);
    await wait(isShort ? 4000 : 30_000);
    proxy?.heal();
    over(marks.quick);
  },
  judge: (recorded) => [
    ...deliveryBetween(recorded, marks.slow, marks.lossy, 3 * roundTripMs.slow),
    ...deliveryBetween(recorded, marks.lossy, marks.quick, 3 * roundTripMs.lossy),
  ],
};

const deliveryBetween = (recorded: Recorded, begin: string, end: string, maxMs: number): Judged[] => {
  const at = (wanted: string) => recorded.marks.find(({ what }) => what === wanted)?.at ?? 0;
  // What is sent last must still have the time to come late.
  const value = lagP95Between(firstShown(recorded.events), at(begin), at(end) - maxMs);
  return [{ invariant: 'I7', what: `shown p95 while ${begin}, ms`, value, max: maxMs * recorded.leniency }];
};
