import { join } from 'node:path';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import { type Profiles, readProfiles } from './report/profile.ts';

/** Runs each benchmark once with the product alone and a profiler in every service, and says what took the time. */
export const profileBenchmarks = async (options: {
  readonly runs: readonly {
    readonly goals: readonly string[];
    readonly run: (profileDir: string) => Promise<unknown>;
  }[];
  readonly say: (line: string) => void;
  /** Keeps the profiles by goal, beside those of other goals; none for a run whose figures say little. */
  readonly file: string | undefined;
}): Promise<void> => {
  const { runs, say, file } = options;
  const found: Record<string, Profiles> = {};
  for (const { goals, run } of runs) {
    const profileDir = join(temporaryFolder('bench-profile'), 'profiles');
    await run(profileDir);
    const profiles = await readProfiles(profileDir);
    for (const goal of goals) found[goal] = profiles;
    for (const [process, entries] of Object.entries(profiles.cpu)) {
      say(`${goals.join(', ')} ${process}`);
      for (const { name, place, share } of entries)
        say(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}  ${place}`);
    }
  }
  if (file !== undefined) await keep(file, found);
};

const keep = async (path: string, found: Readonly<Record<string, Profiles>>): Promise<void> => {
  const file = Bun.file(path);
  const known = (await file.exists()) ? ((await file.json()) as Record<string, Profiles>) : {};
  await Bun.write(path, `${JSON.stringify({ ...known, ...found }, null, 2)}\n`);
};
