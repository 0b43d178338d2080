import { join } from 'node:path';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import type { Benchmark } from './bench.ts';
import { benchMessages } from './messages.ts';
import { profilesFile } from './report/page.ts';
import { type Profiles, readProfiles } from './report/profile.ts';
import type { Sizes } from './sizes.ts';

/** Runs each benchmark once with the product alone and a profiler in every service, and keeps what took the time. */
export const profileBenchmarks = async (options: {
  readonly chosen: readonly Benchmark[];
  readonly sizes: Sizes;
  readonly say: (line: string) => void;
}): Promise<void> => {
  const { chosen, sizes, say } = options;
  const file = Bun.file(profilesFile);
  const kept = (await file.exists()) ? ((await file.json()) as Record<string, Profiles>) : {};
  for (const benchmark of chosen) {
    const profileDir = join(temporaryFolder('bench-profile'), 'profiles');
    await benchMessages({ chosen: [benchmark], sizes, rounds: 1, profileDir, say });
    const profiles = await readProfiles(profileDir);
    for (const goal of benchmark.goals) kept[goal] = profiles;
    for (const [process, entries] of Object.entries(profiles)) {
      say(`${benchmark.goals.join(', ')} ${process}`);
      for (const { name, place, share } of entries)
        say(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}  ${place}`);
    }
  }
  await Bun.write(profilesFile, `${JSON.stringify(kept, null, 2)}\n`);
};
