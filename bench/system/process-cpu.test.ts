import { describe, expect, it } from 'bun:test';
import { eventually } from '../../dev/testing/eventually.ts';
import { cpuBetween, cpuSeconds, sumOf } from './process-cpu.ts';

/** Counts for a while, so that a processor has work. */
const work = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';

describe('cpuSeconds', () => {
  it('counts what grandchildren used, also when they are gone', async () => {
    const child = Bun.spawn(['sh', '-c', `read go; sh -c '${work}'; echo done; read end`], {
      stdin: 'pipe',
      stdout: 'pipe',
    });
    try {
      const groups = new Map([['worker', [child.pid]]]);
      const before = cpuSeconds(groups);
      child.stdin.write('go\n');
      child.stdin.flush();
      await child.stdout.getReader().read();
      const used = await eventually(() => {
        const now = sumOf(cpuBetween(before, cpuSeconds(groups)));
        return now >= 0.05 && now;
      });
      expect(used).toBeLessThan(30);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('counts nothing for a process that rests', async () => {
    const child = Bun.spawn(['sleep', '30']);
    try {
      const groups = new Map([['sleeper', [child.pid]]]);
      const before = cpuSeconds(groups);
      Bun.spawnSync(['sh', '-c', work]);
      expect(sumOf(cpuBetween(before, cpuSeconds(groups)))).toBeLessThanOrEqual(0.01);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
