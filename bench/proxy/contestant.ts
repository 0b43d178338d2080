import type { SocketPlan } from '../load/plan.ts';
import type { Contestant } from '../system/contestant.ts';
import type { StartedParts } from '../system/started-parts.ts';

/** A proxy in front of the same server as all the others. */
export interface ProxyContestant extends Contestant {
  /** What is asked of it. */
  readonly path: string;
}

/** The header lines of each signed-in browser: everybody's requests carry them, whether they look at them or not. */
export type Browsers = readonly (readonly string[])[];

interface Started {
  readonly name: string;
  readonly url: string;
  readonly path: string;
  readonly parts: StartedParts;
  readonly browsers: Browsers;
}

export const proxyContestant = ({ name, url, path, parts, browsers }: Started): ProxyContestant => ({
  ...{ name, path, dialect: 'relayed', nodes: [url] },
  processes: () => parts.pids(),
  restartNodes: async () => undefined,
  proof: async (place): Promise<SocketPlan['proof']> => ({ headers: browsers[place % browsers.length] ?? [] }),
  stop: () => parts.stopAll(),
});
