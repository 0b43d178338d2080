import { describe, expect, it } from 'bun:test';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endLeftovers } from './leftovers.ts';
import { readJsonFile, writePrivateFile } from './private-file.ts';
import { lookUpProcess } from './process-table.ts';
import { type RunFile, RunFileWriter, survivingProcesses } from './run-file.ts';
import { eventually } from './testing/eventually.ts';
import { temporaryFolder } from './testing/temporary.ts';

const newFiles = () => {
  const folder = temporaryFolder('run');
  return new RunFileWriter(join(folder, 'run.json'), join(folder, 'processes.json'));
};
const sleeper = () => Bun.spawn(['sleep', '60']);

describe('RunFileWriter', () => {
  it('says the last of many quick changes, for the owner alone', async () => {
    const files = newFiles();
    for (let pid = 1; pid <= 50; pid++) void files.set('bff', { pid, url: 'http://localhost:3000' });
    await files.set('redis', { pid: null, url: 'redis://elsewhere' });
    expect(await readJsonFile(files.runFile)).toEqual({
      bff: { pid: 50, url: 'http://localhost:3000' },
      redis: { pid: null, url: 'redis://elsewhere' },
    });
    expect((await stat(files.runFile)).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing when it is removed', async () => {
    const files = newFiles();
    void files.set('bff', { pid: process.pid, url: '' });
    await files.remove();
    expect(await readJsonFile(files.runFile)).toBeUndefined();
    expect(await readJsonFile(files.processesFile)).toBeUndefined();
  });

  describe('where nothing can be written', () => {
    const blocked = async (retryMs?: number) => {
      const folder = join(temporaryFolder('run'), 'data');
      await writeFile(folder, '');
      const faults: string[] = [];
      const files = new RunFileWriter(join(folder, 'run.json'), join(folder, 'processes.json'), {
        onFault: (fault) => faults.push(fault),
        retryMs,
      });
      return { files, faults, makeRoom: () => rm(folder) };
    };

    it('says so once, and writes with the next change', async () => {
      const { files, faults, makeRoom } = await blocked();
      await files.set('bff', { pid: null, url: 'one' });
      await files.set('redis', { pid: null, url: 'two' });
      expect(faults).toEqual([expect.stringContaining(files.processesFile)]);
      await makeRoom();
      await files.set('issuer', { pid: null, url: 'three' });
      expect(Object.keys((await readJsonFile(files.runFile)) as RunFile)).toEqual(['bff', 'redis', 'issuer']);
      await files.remove();
    });

    it('tries again by itself', async () => {
      const { files, makeRoom } = await blocked(5);
      await files.set('bff', { pid: null, url: 'one' });
      await makeRoom();
      expect(await eventually(() => readJsonFile(files.runFile))).toEqual({ bff: { pid: null, url: 'one' } });
      await files.remove();
    });

    it('ends all the same', async () => {
      const { files, faults } = await blocked(5);
      await files.set('bff', { pid: null, url: 'one' });
      await files.remove();
      expect(faults.slice(1)).toEqual(Array(2).fill(expect.stringContaining('could not be removed')));
    });
  });

  it('leaves no draft of what could not be put in its place', async () => {
    const folder = temporaryFolder('run');
    await mkdir(join(folder, 'run.json'));
    await expect(writePrivateFile(join(folder, 'run.json'), '{}')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['run.json']);
  });
});

describe('endLeftovers', () => {
  it('ends what a killed start left, by force what does not obey', async () => {
    const files = newFiles();
    const stubborn = Bun.spawn(['sh', '-c', 'trap "" TERM; echo deaf; while :; do sleep 0.1; done']);
    const obedient = sleeper();
    // Until its trap is set it obeys as everybody does.
    await stubborn.stdout.getReader().read();
    await files.set('bff', { pid: obedient.pid, url: '' });
    await files.set('messages', { pid: stubborn.pid, url: '' });

    expect((await endLeftovers(files.processesFile, 200)).sort()).toEqual(['bff', 'messages']);
    await Promise.all([stubborn.exited, obedient.exited]);
    expect(stubborn.signalCode).toBe('SIGKILL');
    expect(obedient.signalCode).toBe('SIGTERM');
  });

  it('spares a process that merely has the pid of one that was ours', async () => {
    const files = newFiles();
    const stranger = sleeper();
    await writePrivateFile(
      files.processesFile,
      JSON.stringify([{ name: 'bff', pid: stranger.pid, birth: 'before the last boot:17' }]),
    );
    expect(await endLeftovers(files.processesFile)).toEqual([]);
    expect(lookUpProcess(stranger.pid)).toBeDefined();
    stranger.kill();
    await stranger.exited;
  });
});

describe('survivingProcesses', () => {
  it('is empty without a file, and with a broken one', async () => {
    const { processesFile } = newFiles();
    expect(await survivingProcesses(processesFile)).toEqual([]);
    await writePrivateFile(processesFile, '[{"name":');
    expect(await survivingProcesses(processesFile)).toEqual([]);
  });
});
