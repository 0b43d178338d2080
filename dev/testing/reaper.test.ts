import { describe, expect, it } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lookUpProcess } from '../process-table.ts';
import { eventually } from './eventually.ts';

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

describe('reaper', () => {
  it('ends the processes and removes the folders of a process that was killed', async () => {
    const owner = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe' });
    const { value } = await owner.stdout.getReader().read();
    const { folder, pids } = JSON.parse(new TextDecoder().decode(value)) as { folder: string; pids: number[] };
    expect(existsSync(folder)).toBe(true);
    expect(pids.map((pid) => lookUpProcess(pid)?.pid)).toEqual(pids);

    owner.kill('SIGKILL');
    await eventually(() => pids.every((pid) => lookUpProcess(pid) === undefined), { timeoutMs: 15_000 });
    await eventually(() => !existsSync(folder), { timeoutMs: 15_000 });
  }, 40_000);
});
