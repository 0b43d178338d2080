import { afterEach, describe, expect, it } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookUpProcess } from './process-table.ts';
import { type Part, SupervisedPart } from './supervisor.ts';
import { eventually } from './testing/eventually.ts';
import { temporaryFolder } from './testing/temporary.ts';

/** A part that is a shell script; it is ready when it has made the file `$READY`. */
function scripted(script: string, silenceMaxMs?: number) {
  const folder = temporaryFolder('supervisor');
  const ready = join(folder, 'ready');
  const pids: number[] = [];
  const deaths: { how: string; delayMs: number }[] = [];
  const waits: number[] = [];
  const part: Part = {
    name: 'thing',
    url: '',
    logFile: join(folder, 'log'),
    isReady: async () => existsSync(ready),
    launch: {
      command: ['/bin/sh', '-c', script],
      cwd: folder,
      env: { ...process.env, READY: ready },
      stopSignal: 'SIGTERM',
    },
  };
  const events = {
    onStart: (_: Part, pid: number) => pids.push(pid),
    onDeath: (_: Part, how: string, delayMs: number) => deaths.push({ how, delayMs }),
    onWait: (_: Part, waitedSeconds: number) => waits.push(waitedSeconds),
  };
  const supervised = new SupervisedPart(part, events, silenceMaxMs);
  running.push(supervised);
  return { supervised, pids, deaths, waits, log: () => readFileSync(part.logFile, 'utf8') };
}

const running: SupervisedPart[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop(500)));
});

const forever = 'touch "$READY"; while :; do sleep 0.05; done';

describe('SupervisedPart', () => {
  it('starts a killed part again at once', async () => {
    const { supervised, pids, deaths } = scripted(forever);
    await supervised.start();
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await eventually(() => pids.length === 2);
    expect(deaths).toEqual([{ how: 'SIGKILL', delayMs: 0 }]);
    expect(lookUpProcess(pids[1] ?? 0)).toBeDefined();
  });

  it('waits ever longer for a part that dies again and again', async () => {
    const { supervised, pids, deaths } = scripted('touch "$READY"; exit 3');
    await supervised.start();
    await eventually(() => pids.length === 4);
    expect(deaths.slice(0, 3)).toEqual([
      { how: 'exit code 3', delayMs: 0 },
      { how: 'exit code 3', delayMs: 200 },
      { how: 'exit code 3', delayMs: 400 },
    ]);
  });

  it('gives a part up that never gets ready, and shows the end of its log', async () => {
    const { supervised } = scripted('echo "the config is wrong" >&2; exit 1');
    await expect(supervised.start()).rejects.toThrow('the config is wrong');
  });

  it('waits for a part that says what it does, however long that takes', async () => {
    const { supervised, waits } = scripted(`for n in $(seq 40); do echo "$n of 40"; sleep 0.1; done; ${forever}`, 1500);
    await supervised.start();
    expect(waits.length).toBeGreaterThan(1);
  });

  it.each([
    ['that is silent', 'echo "so far"; while :; do sleep 0.05; done'],
    ['that talks and dies', 'echo "so far"; sleep 0.4; exit 1'],
  ])('gives a part up %s', async (_, script) => {
    const { supervised } = scripted(script, 1000);
    await expect(supervised.start()).rejects.toThrow(/not ready.*so far/s);
  });

  it('does not start a part again that it stops, and forces one that does not obey', async () => {
    const { supervised, pids, deaths } = scripted(`trap "" TERM; ${forever}`);
    await supervised.start();
    await supervised.stop(100);
    expect(lookUpProcess(pids[0] ?? 0)).toBeUndefined();
    expect(pids).toHaveLength(1);
    expect(deaths).toEqual([]);
  });

  it('lets a signal to our process group pass its parts by', async () => {
    const { supervised, log } = scripted(`ps -o pid=,pgid= -p $$; ${forever}`);
    await supervised.start();
    const [pid, group] = log().trim().split(/\s+/);
    expect(group).toBe(pid);
  });
});
