import { cpus } from 'node:os';
import { pidsOfTrees } from './process-cpu.ts';

export interface CoresApart {
  /** A process. */
  readonly generator: number;
  /** Processes; asked again when the work is done. */
  readonly servers: () => readonly number[];
  readonly say: (line: string) => void;
}

/**
 * Keeps the load generator on the last core and the servers on the others while `work` runs: else the scheduler moves them about, and what a
 * wake-up costs depends on where a neighbour happened to be. Where there is one core, or no `taskset`, nothing is kept anywhere, and that is said.
 */
export const onCoresApart = async <T>({ generator, servers, say }: CoresApart, work: () => Promise<T>): Promise<T> => {
  const last = cpus().length - 1;
  if (last < 1 || Bun.which('taskset') === null) {
    say('servers and generator share all cores');
    return await work();
  }
  keepOn(`0-${last - 1}`, servers());
  keepOn(`${last}`, [generator]);
  try {
    return await work();
  } finally {
    keepOn(`0-${last}`, [...servers(), generator]);
  }
};

/** With all their threads and children; what they start later goes where they are. */
const keepOn = (cores: string, pids: readonly number[]): void => {
  for (const pid of pidsOfTrees(pids)) Bun.spawnSync(['taskset', '-a', '-p', '-c', cores, `${pid}`]);
};
