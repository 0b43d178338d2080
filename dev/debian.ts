import { existsSync } from 'node:fs';

/** Whether packages of Debian can be installed here: by root, on Debian. */
export const mayInstallDebian = (): boolean =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && Bun.which('apt-get') !== null;

/** Installs a package of Debian; false where that failed, and says why. */
export async function installDebian(name: string): Promise<boolean> {
  const updated = await succeeds(['apt-get', 'update', '-qq']);
  return updated && (await succeeds(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', name]));
}

/** Runs a command; its output is shown only when it fails. */
export async function succeeds(command: string[]): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = Bun.spawn(command, { env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [output, errors, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode !== 0) console.error(`${command.join(' ')} failed (${exitCode}):\n${output}${errors}`.trimEnd());
  return exitCode === 0;
}
