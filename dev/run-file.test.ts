import { describe, expect, it } from 'bun:test';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { endLeftovers } from './leftovers.ts';
import { readJsonFile, writePrivateFile } from './private-file.ts';
import { lookUpProcess } from './process-table.ts';
import { RunFileWriter, survivingProcesses } from './run-file.ts';
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
