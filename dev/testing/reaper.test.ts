import { describe, expect, it } from 'bun:test';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lookUpProcess } from '../process-table.ts';
import { eventually } from './eventually.ts';
import { reapFolder } from './reaper.ts';
import { temporaryFolder } from './temporary.ts';

/** A process that registers another one and a folder, prints both, and stays. */
const program = `
const { reapProcess } = await import(${JSON.stringify(join(import.meta.dir, 'reaper.ts'))});
const { temporaryFolder } = await import(${JSON.stringify(join(import.meta.dir, 'temporary.ts'))});
const stubborn = Bun.spawn(['sh', '-c', 'trap "" INT; sleep 60'], { stdio: ['ignore', 'ignore', 'ignore'], detached: true });
const obedient = Bun.spawn(['sleep', '60'], { stdio: ['ignore', 'ignore', 'ignore'], detached: true });
const ended = Bun.spawn(['true']);
const noteEnd = reapProcess(ended.pid);
await ended.exited;
noteEnd();
reapProcess(stubborn.pid);
reapProcess(obedient.pid);
console.log(JSON.stringify({ folder: temporaryFolder('reaped'), pids: [stubborn.pid, obedient.pid] }));
setInterval(() => {}, 1000);
`;

const startOwner = async (env: Record<string, string> = {}) => {
  const owner = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', env: { ...process.env, ...env } });
  const { value } = await owner.stdout.getReader().read();
  return { owner, ...(JSON.parse(new TextDecoder().decode(value)) as { folder: string; pids: number[] }) };
};

describe('reaper', () => {
  it('ends the processes and removes the folders of a process that was killed', async () => {
    const { owner, folder, pids } = await startOwner();
    expect(existsSync(folder)).toBe(true);
    expect(pids.map((pid) => lookUpProcess(pid)?.pid)).toEqual(pids);

    owner.kill('SIGKILL');
    await eventually(() => pids.every((pid) => lookUpProcess(pid) === undefined), { timeoutMs: 15_000 });
    await eventually(() => !existsSync(folder), { timeoutMs: 15_000 });
  }, 40_000);

  it('removes a folder with white space in its path, and not the one whose path is the first word of it', async () => {
    const home = temporaryFolder('reaper-home');
    const [bystander, temporary] = [join(home, 'a'), join(home, 'a b ')];
    for (const folder of [bystander, temporary]) mkdirSync(folder);
    const { owner, folder } = await startOwner({ TMPDIR: temporary });
    expect(folder).toStartWith(join(temporary, 'chatapp-reaped-'));

    owner.kill('SIGKILL');
    await eventually(() => readdirSync(temporary).length === 0, { timeoutMs: 15_000 });
    expect(existsSync(bystander)).toBe(true);
  }, 40_000);

  it('takes no folder whose path is more than a line', () => {
    expect(() => reapFolder('/nowhere\n/at/all')).toThrow('must be a line');
  });
});
