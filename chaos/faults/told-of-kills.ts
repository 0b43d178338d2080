import type { Judged } from '../judged.ts';
import type { Death } from '../stack/stack.ts';
import { visibleWithinMs } from './health.ts';

export interface Kill {
  readonly name: string;
  readonly at: number;
}

/**
 * I10, of somebody who was not killed: that its port is closed says no process by itself. The supervisor tells of each death, on the line that `bun start` prints; a health
 * check of the BFF's may miss a process that is back within half a second.
 */
export const toldOfKills = (
  kind: string,
  kills: readonly Kill[],
  deaths: readonly Pick<Death, 'name' | 'at'>[],
): Judged[] => {
  const left = [...deaths];
  const waits = kills.map(({ name, at }) => {
    const index = left.findIndex((death) => death.name === name && death.at >= at);
    const [told] = index < 0 ? [] : left.splice(index, 1);
    return told === undefined ? null : told.at - at;
  });
  const value = waits.includes(null) ? null : Math.max(0, ...waits.map((ms) => ms ?? 0));
  return [{ invariant: 'I10', what: `the supervisor tells of kill -9 of ${kind}, ms`, value, max: visibleWithinMs }];
};
