import { describe, expect, it } from 'bun:test';
import { areLaunchersThere, launchersOf } from './launchers.ts';
import type { ProcessEntry } from './process-table.ts';

/** A process table of one line of descent, oldest first; the youngest is pid 100 + length - 1. */
function descent(...commands: string[]) {
  const entries = commands.map((command, at) => ({ pid: 100 + at, parentPid: 99 + at, birth: '1', command }));
  const table = new Map<number, ProcessEntry>(entries.map((entry) => [entry.pid, entry]));
  return { us: 99 + commands.length, lookUp: (pid: number) => table.get(pid), table };
}

describe('launchersOf', () => {
  it('finds npx, its shell and bun above us', () => {
    const { us, lookUp } = descent(
      'bash',
      'npm exec bun@1.4.5 start',
      "sh -c 'bun' start",
      'bun start',
      'bun dev/start.ts',
    );
    expect(launchersOf(us, lookUp)).toEqual([103, 102, 101]);
  });

  it.each(['run test', 'run --silent start', '--silent run chaos --short'])('finds npx above `bun %s`', (script) => {
    const { us, lookUp } = descent('npm exec bun', `sh -c 'bun' ${script}`, `bun ${script}`, 'bun dev/test.ts');
    expect(launchersOf(us, lookUp)).toEqual([102, 101, 100]);
  });

  it.each(['bun test --only-failures ./dev/start.test.ts', 'bun chaos/run.ts', 'bun run chaos/run.ts'])(
    'takes a program that starts us for its own ends, `%s`, for no launcher',
    (program) => {
      const { us, lookUp } = descent('npm exec bun', "sh -c 'bun' run test", program, 'bun dev/start.ts');
      expect(launchersOf(us, lookUp)).toEqual([]);
    },
  );

  it('finds a plain `bun start`, and not the shell that put it in the background', () => {
    const { us, lookUp } = descent(
      'sh -c bun start & echo done',
      '/usr/bin/bun start --replicas 2',
      'bun dev/start.ts',
    );
    expect(launchersOf(us, lookUp)).toEqual([101]);
  });

  it('finds none when a shell or a service manager runs the script itself', () => {
    const { us, lookUp } = descent('/sbin/init', 'bash', 'bun dev/start.ts');
    expect(launchersOf(us, lookUp)).toEqual([]);
  });

  it('takes no npm further up for a launcher when another program is between', () => {
    const { us, lookUp } = descent('npm test', 'node runner.js', 'bun start', 'bun dev/start.ts');
    expect(launchersOf(us, lookUp)).toEqual([102]);
  });
});

describe('areLaunchersThere', () => {
  it('notices that the shell between has died, though the process above us lives on', () => {
    const { us, lookUp, table } = descent('npm exec bun', "sh -c 'bun' start", 'bun start', 'bun dev/start.ts');
    const launchers = launchersOf(us, lookUp);
    expect(areLaunchersThere(us, launchers, lookUp)).toBe(true);

    table.delete(101);
    table.set(102, { pid: 102, parentPid: 1, birth: '1', command: 'bun start' });
    expect(areLaunchersThere(us, launchers, lookUp)).toBe(false);
  });
});
