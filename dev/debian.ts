import { existsSync } from 'node:fs';

/** Whether packages of Debian can be installed here: by root, on Debian. */
export const mayInstallDebian = (): boolean =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && Bun.which('apt-get') !== null;

/**
 * Runs a command while no service may be started by a package, unless the machine has a policy of its own. A shell, so that the policy goes with
 * the command's end and not with ours: one that stays would forbid every later start.
 */
const withoutStarts = `
policy=$1
shift
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  { printf '#!/bin/sh\\nexit 101\\n' >"$policy" && chmod 755 "$policy"; } || exit 1
fi
"$@"
`;

/** Installs a package of Debian, whose services neither run nor start at the next boot; false where that failed, and says why. */
export async function installDebian(name: string, { policyFile = '/usr/sbin/policy-rc.d' } = {}): Promise<boolean> {
  if (!(await succeeds(['apt-get', 'update', '-qq']))) return false;
  const before = await enabledUnits();
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', name];
  const isInstalled = await succeeds(['/bin/sh', '-c', withoutStarts, 'sh', policyFile, ...install], install.join(' '));
  const added = (await enabledUnits())?.filter((unit) => before?.includes(unit) === false) ?? [];
  if (added.length > 0) await succeeds(['systemctl', 'disable', '--quiet', ...added]);
  return isInstalled;
}

/** What starts at boot; undefined where that is not known. */
async function enabledUnits(): Promise<string[] | undefined> {
  if (Bun.which('systemctl') === null) return undefined;
  const list = ['systemctl', 'list-unit-files', '--state=enabled', '--no-legend', '--no-pager'];
  const { exitCode, output } = await run(list);
  if (exitCode !== 0) return undefined;
  return output.split('\n').flatMap((line) => line.split(' ', 1).filter((unit) => unit !== ''));
}

/** Runs a command; its output is shown only when it fails. */
export async function succeeds(command: string[], name = command.join(' ')): Promise<boolean> {
  const { exitCode, output, errors } = await run(command);
  if (exitCode !== 0) console.error(`${name} failed (${exitCode}):\n${output}${errors}`.trimEnd());
  return exitCode === 0;
}

async function run(command: string[]): Promise<{ exitCode: number; output: string; errors: string }> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = Bun.spawn(command, { env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [output, errors, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, output, errors };
}
