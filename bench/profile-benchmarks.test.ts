import { describe, expect, it } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import { profileBenchmarks } from './profile-benchmarks.ts';

const callFrame = { functionName: 'save', url: '', lineNumber: 0 };

/** A benchmark whose one service spent all its time in `save`. */
const run = async (profileDir: string): Promise<void> => {
  mkdirSync(profileDir, { recursive: true });
  await Bun.write(join(profileDir, 'messages.cpuprofile'), JSON.stringify({ nodes: [{ hitCount: 4, callFrame }] }));
};

const profiled = async (file: string | undefined): Promise<string[]> => {
  const said: string[] = [];
  await profileBenchmarks({ runs: [{ goals: ['G9'], run }], say: (line) => said.push(line), file });
  return said;
};

describe('profileBenchmarks', () => {
  it('keeps a profile beside those of other goals', async () => {
    const file = join(temporaryFolder('profiles'), 'profiles.json');
    await Bun.write(file, '{ "G1": { "cpu": {} }, "G9": { "cpu": {} } }');
    expect(await profiled(file)).toEqual(['G9 messages', '  100.0 %  save  ']);
    expect(await Bun.file(file).json()).toEqual({
      G1: { cpu: {} },
      G9: { cpu: { messages: [{ name: 'save', place: '', share: 1 }] } },
    });
  });

  it('only says it where there is no file for it', async () => {
    const tracked = Bun.file(join(import.meta.dir, 'profiles.json'));
    const before = await tracked.text();
    expect(await profiled(undefined)).toHaveLength(2);
    expect(await tracked.text()).toBe(before);
  });
});
