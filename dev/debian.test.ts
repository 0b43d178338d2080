import { afterEach, beforeEach, describe, expect, it } from 'bun:test';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { eventually } from './testing/eventually.ts';
import { temporaryFolder } from './testing/temporary.ts';

let folder: string;
let policyFile: string;
beforeEach(() => {
  folder = temporaryFolder('debian');
  policyFile = join(folder, 'policy-rc.d');
});
afterEach(() => install?.kill('SIGKILL'));

const place = (name: string, text: string) => {
  writeFileSync(join(folder, name), `#!/bin/sh\ncd '${folder}'\n${text}`);
  chmodSync(join(folder, name), 0o755);
};
const recorded = (name: string) =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim().split('\n') : [];

/** An apt-get that writes down what the policy says to a start while it installs, then does what it is told to. */
const placeAptGet = (then = 'exit 0') =>
  place('apt-get', `[ "$1" = install ] || exit 0\n./policy-rc.d redis-server start; echo $? >answers\n${then}`);

/** A systemctl for which an install enables a service; with a fault it cannot say what was enabled before. */
const placeSystemctl = (fault = 'true') =>
  place(
    'systemctl',
    `if [ "$1" = disable ]; then echo "$@" >disabled; exit; fi
[ -e answers ] || ${fault} || exit 1
echo ssh.service enabled enabled
[ ! -e answers ] || echo redis-server.service enabled enabled`,
  );

let install: Bun.Subprocess | undefined;
const startInstall = () => {
  const { href } = new URL('./debian.ts', import.meta.url);
  const program = `
const { installDebian } = await import(${JSON.stringify(href)});
process.exit((await installDebian('redis-server', ${JSON.stringify({ policyFile })})) ? 0 : 1);`;
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  install = Bun.spawn([process.execPath, '-e', program], { env, stdout: 'ignore', stderr: 'ignore' });
  return install;
};

describe('a package of Debian', () => {
  it.each(['exit 0', 'exit 1'])('is installed while services may not start, and no longer (%s)', async (end) => {
    placeAptGet(end);
    placeSystemctl();
    expect(await startInstall().exited).toBe(Number(end.at(-1)));
    expect(recorded('answers')).toEqual(['101']);
    expect(existsSync(policyFile)).toBe(false);
  });

  it('leaves no service enabled that was not before', async () => {
    placeAptGet();
    placeSystemctl();
    expect(await startInstall().exited).toBe(0);
    expect(recorded('disabled')).toEqual(['disable --quiet redis-server.service']);
  });

  it('has nothing disabled where it is not known what was enabled before', async () => {
    placeAptGet();
    placeSystemctl('false');
    expect(await startInstall().exited).toBe(0);
    expect(recorded('disabled')).toEqual([]);
  });

  it('leaves the policy of somebody else as it is', async () => {
    placeAptGet();
    placeSystemctl();
    place('policy-rc.d', 'exit 104');
    const { mtimeMs } = statSync(policyFile);
    expect(await startInstall().exited).toBe(0);
    expect(recorded('answers')).toEqual(['104']);
    expect(statSync(policyFile).mtimeMs).toBe(mtimeMs);
  });

  it('takes its policy away also where the process that installs is killed', async () => {
    placeAptGet('while [ ! -e go ]; do sleep 0.05; done');
    placeSystemctl();
    const { exited } = startInstall();
    await eventually(() => recorded('answers').length > 0);
    install?.kill('SIGKILL');
    await exited;
    expect(existsSync(policyFile)).toBe(true);
    writeFileSync(join(folder, 'go'), '');
    await eventually(() => !existsSync(policyFile));
  });
});
