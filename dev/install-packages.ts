import { spawn } from 'node:child_process';

/** Node's and Bun's own modules only: this file runs before any package is there. */

/** Installs what bun.lock names, and nothing else; says so when that takes over a second. Throws with bun's own words when it fails. */
export async function installPackages(root: string, say: (line: string) => void = console.log): Promise<void> {
  const slow = setTimeout(() => say('installing packages…'), 1_000);
  try {
    const { exitCode, output } = await run([process.execPath, 'install', '--frozen-lockfile'], root);
    if (exitCode !== 0) throw new Error(`bun install --frozen-lockfile failed (${exitCode}):\n${output.trim()}`);
  } finally {
    clearTimeout(slow);
  }
}

function run([command = '', ...args]: string[], cwd: string): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, output }));
  });
}
