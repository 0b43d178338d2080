import type { Check } from './check.ts';
import { faultsOfTool } from './run-tool.ts';

export const types: Check = {
  name: 'types',
  mend: 'Mend the types; see them alone with `bunx tsc --noEmit -p .` (or `-p web`).',
  run: async (root) => [
    ...(await faultsOfTool(root, 'tsc', ['--noEmit', '-p', '.'])),
    ...(await faultsOfTool(root, 'tsc', ['--noEmit', '-p', 'web'])),
  ],
};

export const lint: Check = {
  name: 'lint and format',
  mend: 'Run `bunx biome check --write .`, then mend what is left.',
  run: (root) => faultsOfTool(root, 'biome', ['check', '--error-on-warnings', '--max-diagnostics=50', '.']),
};

export const deadCode: Check = {
  name: 'dead code',
  mend: 'Delete what nothing uses; where knip cannot see a use, say so in knip.json.',
  run: (root) => faultsOfTool(root, 'knip', ['--no-progress', '--no-config-hints']),
};
