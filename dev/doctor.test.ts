import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { temporaryFolder } from './testing/temporary.ts';

const doctor = (...args: string[]) => {
  const env = { ...process.env, CHATAPP_DATA_DIR: temporaryFolder('doctor') };
  const command = [process.execPath, join(import.meta.dir, 'doctor.ts'), ...args];
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { env });
  return { exitCode, output: stdout.toString(), errors: stderr.toString() };
};

describe('bun run doctor', () => {
  it('gives its findings to programs', () => {
    expect(JSON.parse(doctor('--json').output)).toContainEqual(expect.objectContaining({ name: 'packages' }));
  });

  it.each(['--jsno', 'json'])('refuses %s with what there is', (argument) => {
    expect(doctor(argument)).toMatchObject({ exitCode: 1, output: '' });
    expect(doctor(argument).errors).toContain('Usage: bun run doctor [--json]');
  });
});
