import { join } from 'node:path';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import { profilesFile } from './report/page.ts';
import { type Profiles, readProfiles } from './report/profile.ts';

/** Runs each benchmark once with the product alone and a profiler in every service, and keeps what took the time. */
export const profileBenchmarks = async (options: {
  readonly runs: readonly {
    readonly goals: readonly string[];
    readonly run: (profileDir: string) => Promise<unknown>;
  }[];
  readonly say: (line: string) => void;
}): Promise<void> => {
  const { runs, say } = options;
  const file = Bun.file(profilesFile);
  const kept = (await file.exists()) ? ((await file.json()) as Record<string, Profiles>) : {};
  for (const { goals, run } of runs) {
    const profileDir = join(temporaryFolder('bench-profile'), 'profiles');
    await run(profileDir);
    const profiles = await readProfiles(profileDir);
    for (const goal of goals) kept[goal] = profiles;
    for (const [process, entries] of Object.entries(profiles.cpu)) {
      say(`${goals.join(', ')} ${process}`);
      for (const { name, place, share } of entries)
        say(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}  ${place}`);
    }
  }
  await Bun.write(profilesFile, `${JSON.stringify(kept, null, 2)}\n`);
};
