import { beforeAll, describe, expect, it } from 'bun:test';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { temporaryFolder } from './testing/temporary.ts';

const root = join(import.meta.dir, '..');
const image = temporaryFolder('image');
const { PATH = '', HOME = '' } = process.env;

/** What the last stage of the Dockerfile copies from here: all sources, and the target. */
const copied = async (): Promise<{ from: string; to: string }[]> => {
  const stage = (await Bun.file(join(root, 'Dockerfile')).text()).split(/^FROM /m).at(-1) ?? '';
  return [...stage.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words = '']) => {
    const paths = words.split(' ');
    const to = paths.pop() ?? '';
    return paths.map((from) => ({ from, to: to.endsWith('/') ? join(to, basename(from)) : to }));
  });
};

/** As .dockerignore says. */
const isSent = (path: string): boolean => !/\/(node_modules|dist)(\/|$)/.test(path.slice(root.length));

const programs = async (): Promise<string[]> => {
  const { services } = parse(await Bun.file(join(root, 'compose.yaml')).text(), { merge: true }) as {
    services: Record<string, { build?: string; command?: string[] }>;
  };
  return Object.values(services).flatMap(({ build, command }) => (build ? (command ?? []) : []));
};

const run = (...command: string[]) =>
  Bun.spawnSync(command, { cwd: image, env: { PATH, HOME, NODE_ENV: 'production' }, stderr: 'pipe', stdout: 'pipe' });

describe('the image', () => {
  beforeAll(async () => {
    for (const { from, to } of await copied())
      await cp(join(root, from), join(image, to), { recursive: true, filter: isSent });
  });

  it('has all that its packages are installed from, and that its programs import', async () => {
    const installed = run(process.execPath, 'install', '--frozen-lockfile', '--production');
    expect(installed.stderr.toString()).not.toContain('error');
    expect(installed.exitCode).toBe(0);
    const all = await programs();
    expect(all).toHaveLength(6);
    for (const program of all) {
      const { exitCode, stderr } = run(process.execPath, '--no-env-file', program);
      // Each gets as far as reading its settings, of which there are none.
      expect([program, stderr.toString()]).toEqual([program, expect.stringMatching(/ is (not set|missing)/)]);
      expect(exitCode).toBe(1);
    }
  }, 120_000);
});
