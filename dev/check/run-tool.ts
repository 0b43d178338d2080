import { join } from 'node:path';

/** Runs an installed program under our own Bun, which may be the only run time there is; its output is the fault when it fails. */
export async function faultsOfTool(root: string, name: string, args: readonly string[]): Promise<readonly string[]> {
  const command = [process.execPath, '--bun', join(root, 'node_modules/.bin', name), ...args];
  const child = Bun.spawn(command, { cwd: root, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [output, errors, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return exitCode === 0 ? [] : [`${output}${errors}`.trim() || `${name} ended with exit code ${exitCode}`];
}
