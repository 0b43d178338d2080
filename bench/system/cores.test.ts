import { describe, expect, it } from 'bun:test';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { onCoresApart } from './cores.ts';

const coresOf = (pid: number): string =>
  /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
const last = cpus().length - 1;
const mayTest = last > 0 && Bun.which('taskset') !== null;

describe('onCoresApart', () => {
  it.skipIf(!mayTest)(
    'gives the generator the last core and a server with its children the others, while it works',
    async () => {
      const generator = Bun.spawn(['sleep', '60']);
      const server = Bun.spawn(['sh', '-c', 'sleep 60 & echo $!; wait'], { stdout: 'pipe' });
      try {
        const { value } = await server.stdout.getReader().read();
        const child = Number(new TextDecoder().decode(value));
        const all = () => [generator.pid, server.pid, child].map(coresOf);
        const before = all();
        const said: string[] = [];
        const options = {
          generator: generator.pid,
          servers: () => [server.pid],
          say: (line: string) => said.push(line),
        };
        const others = last === 1 ? '0' : `0-${last - 1}`;
        expect(await onCoresApart(options, async () => all())).toEqual([`${last}`, others, others]);
        expect(all()).toEqual(before);
        expect(said).toEqual([]);
      } finally {
        Bun.spawnSync(['pkill', '-P', `${server.pid}`]);
        for (const each of [generator, server]) each.kill('SIGKILL');
      }
    },
  );
});
