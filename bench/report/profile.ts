import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemoryOfOne } from '../product/memory-note.ts';

/** Where a service spends its time: shares of all samples, 0 to 1. */
export interface ProfileEntry {
  readonly name: string;
  /** `apps/messages/src/x.ts:12`, a package's name, or empty for what is native. */
  readonly place: string;
  readonly share: number;
}

/** CPU by process, and what the memory holds where that is the question; `bench/profiles.json` keeps them by goal. */
export interface Profiles {
  readonly cpu: Readonly<Record<string, readonly ProfileEntry[]>>;
  readonly memory?: MemoryOfOne;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly hitCount?: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
}

const root = join(import.meta.dir, '../..');
const entriesMax = 12;

/** The functions that took most of the time themselves, of each profile in a folder, and what a benchmark of memory noted there. */
export const readProfiles = async (folder: string): Promise<Profiles> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')).sort();
  const profiles = await Promise.all(
    names.map(async (name) => {
      const profile = (await Bun.file(join(folder, name)).json()) as CpuProfile;
      return [name.replace('.cpuprofile', ''), topEntries(profile)] as const;
    }),
  );
  const memory = Bun.file(join(folder, 'memory.json'));
  const noted = (await memory.exists()) ? { memory: (await memory.json()) as MemoryOfOne } : {};
  return { cpu: Object.fromEntries(profiles), ...noted };
};

const topEntries = ({ nodes }: CpuProfile): ProfileEntry[] => {
  const hits = new Map<string, { name: string; place: string; count: number }>();
  let total = 0;
  for (const { hitCount = 0, callFrame } of nodes) {
    const name = callFrame.functionName || '(anonymous)';
    const place = placeOf(callFrame.url, callFrame.lineNumber);
    const entry = hits.get(`${name} ${place}`) ?? { name, place, count: 0 };
    entry.count += hitCount;
    total += hitCount;
    hits.set(`${name} ${place}`, entry);
  }
  return [...hits.values()]
    .sort((one, other) => other.count - one.count)
    .slice(0, entriesMax)
    .map(({ name, place, count }) => ({ name, place, share: count / total }));
};

/** Without the paths of this machine. */
const placeOf = (url: string, line: number): string => {
  const path = url.replace('file://', '');
  const inPackage = path.split('/node_modules/').at(-1);
  if (path.includes('/node_modules/')) return /^(@[^/]+\/)?[^/]+/.exec(inPackage ?? '')?.[0] ?? '';
  return path.startsWith(root) ? `${path.slice(root.length + 1)}:${line + 1}` : '';
};
